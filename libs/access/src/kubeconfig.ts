import { stringify } from 'yaml';

export type KubeconfigOptions = {
  /** Workspace URL: `https://127.0.0.1:6443/clusters/root`. */
  readonly server: string;
  /** PEM. */
  readonly ca: string;
  readonly token: string;
  readonly user: string;
};

/** A kubeconfig as YAML with one context, `tributary`. Holds the token: write it with `writeSecretFile`. */
export function kubeconfig({ server, ca, token, user }: KubeconfigOptions): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'tributary',
    clusters: [{ name: 'tributary', cluster: { server, 'certificate-authority-data': Buffer.from(ca).toString('base64') } }],
    users: [{ name: user, user: { token } }],
    contexts: [{ name: 'tributary', context: { cluster: 'tributary', user } }],
  });
}
