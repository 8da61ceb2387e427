import { jsonSyntaxError } from '#kube';

/**
 * Where the next page begins: behind this namespace and name, in the list as of `position`.
 * Without a position (written -1, as upstream does) it goes on with the list as it is now.
 */
export type ContinueToken = { readonly position: bigint | undefined; readonly namespace: string; readonly name: string };

/** Opaque to clients; the form is upstream's, base64url of `{"v":…,"rv":…,"start":…}`. */
export function writeContinueToken({ position, namespace, name }: ContinueToken): string {
  const start = JSON.stringify(`${namespace}/${name}\0`);
  return Buffer.from(`{"v":"meta.k8s.io/v1","rv":${position ?? -1},"start":${start}}`).toString('base64url');
}

export function readContinueToken(
  text: string,
): { readonly type: 'token'; readonly token: ContinueToken } | { readonly type: 'malformed'; readonly message: string } {
  if (!/^[A-Za-z0-9_-]*={0,2}$/.test(text)) return malformed(`illegal base64 data at input byte ${text.search(/[^A-Za-z0-9_-]/)}`);
  const bytes = Buffer.from(text, 'base64url');
  let written: unknown;
  try {
    written = JSON.parse(bytes.toString('utf8'));
  } catch {
    return malformed(jsonSyntaxError(bytes));
  }
  const { v, rv, start } = (written ?? {}) as Readonly<Record<string, unknown>>;
  if (v !== 'meta.k8s.io/v1') return malformed(`server does not recognize this encoded version ${JSON.stringify(v ?? '')}`);
  const key = typeof start === 'string' ? /^([^/]*)\/([^/]+)\0$/s.exec(start) : null;
  if (typeof rv !== 'number' || !Number.isSafeInteger(rv) || rv === 0 || rv < -1)
    return malformed('incorrect encoded start resourceVersion (version meta.k8s.io/v1)');
  if (key === null) return malformed('encoded start key is not one of this server');
  return { type: 'token', token: { position: rv === -1 ? undefined : BigInt(rv), namespace: key[1] ?? '', name: key[2] ?? '' } };
}

const malformed = (fault: string): { readonly type: 'malformed'; readonly message: string } => ({
  type: 'malformed',
  message: `invalid continue token: continue key is not valid: ${fault}`,
});
