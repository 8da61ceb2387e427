import { readFileSync } from 'node:fs';
import { kubeVersion as versionOf, type KubeVersion } from '#facade-kube';

/** What `/version` answers for this build. */
export function kubeVersion(): KubeVersion {
  const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as { readonly version: string };
  return versionOf({ release: version });
}
