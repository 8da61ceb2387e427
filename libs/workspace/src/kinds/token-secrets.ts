import type { ServiceAccountTokens } from '#access';
import type { AccountState } from '#account';
import type { JsonObject, KubeObject } from '#kube';
import { serviceAccountNameAnnotation, serviceAccountTokenType, serviceAccountUidAnnotation } from './secret-rules.ts';

/** What ServiceAccounts get from the server: tokens, and what proves to their holders that this is the server they mean. */
export type ServiceAccountSupply = {
  readonly tokens: ServiceAccountTokens;
  /** PEM */
  readonly ca: string;
};

/**
 * A Secret of the type for ServiceAccounts' tokens, with what it is for. Others, and those whose ServiceAccount is not there, as they are.
 * Upstream does it a moment later; whoever waits for it finds it at once.
 */
export function withToken(secret: KubeObject, account: AccountState, { tokens, ca }: ServiceAccountSupply): KubeObject {
  const { name = '', namespace = '', uid = '', annotations = {} } = secret.metadata;
  const owner = annotations[serviceAccountNameAnnotation];
  if (secret['type'] !== serviceAccountTokenType || !owner) return secret;
  const serviceAccount = account.find({ group: '', resource: 'serviceaccounts', namespace, name: owner });
  const named = annotations[serviceAccountUidAnnotation];
  if (!serviceAccount || serviceAccount.deleting || (named && named !== serviceAccount.uid)) return secret;
  const data = (secret['data'] ?? {}) as JsonObject;
  const order = { cluster: account.cluster, namespace, name: owner, uid: serviceAccount.uid };
  const filled = {
    ...data,
    'ca.crt': data['ca.crt'] ?? base64(ca),
    namespace: data['namespace'] ?? base64(namespace),
    token: data['token'] ?? base64(tokens.issueLasting({ ...order, bound: { kind: 'Secret', name, uid } })),
  };
  const metadata = { ...secret.metadata, annotations: { ...annotations, [serviceAccountUidAnnotation]: serviceAccount.uid } };
  return { ...secret, metadata, data: filled } as KubeObject;
}

/** Whether a Secret is to hold a token of this ServiceAccount, and does not yet. */
export function isTokenFor(secret: KubeObject, namespace: string, serviceAccount: string): boolean {
  const { namespace: home, annotations = {} } = secret.metadata;
  const isNamed = home === namespace && annotations[serviceAccountNameAnnotation] === serviceAccount;
  return isNamed && secret['type'] === serviceAccountTokenType && (secret['data'] as JsonObject | undefined)?.['token'] === undefined;
}

/** Whose tokens a Secret holds. */
export function serviceAccountOf(secret: KubeObject): { readonly name: string; readonly uid: string } | undefined {
  const { [serviceAccountNameAnnotation]: name, [serviceAccountUidAnnotation]: uid } = secret.metadata.annotations ?? {};
  return secret['type'] === serviceAccountTokenType && name && uid ? { name, uid } : undefined;
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');
