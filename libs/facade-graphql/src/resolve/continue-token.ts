/** Where the next page begins: behind this object, in the list as of `position`, sorted like this. */
export type PageToken = { readonly position: bigint; readonly sortBy: string; readonly namespace: string; readonly name: string };

const form = 'graphql/v1';

/** Opaque to clients. */
export function writeContinue({ position, sortBy, namespace, name }: PageToken): string {
  return Buffer.from(JSON.stringify([form, String(position), sortBy, namespace, name])).toString('base64url');
}

/** Undefined where it is none. */
export function readContinue(text: string): PageToken | undefined {
  const parts = partsOf(text);
  if (parts === undefined || parts.length !== 5 || parts[0] !== form || !/^\d{1,20}$/.test(parts[1] ?? '')) return undefined;
  const [, position = '', sortBy = '', namespace = '', name = ''] = parts;
  return { position: BigInt(position), sortBy, namespace, name };
}

function partsOf(text: string): readonly string[] | undefined {
  try {
    const parts: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    return Array.isArray(parts) && parts.every((part) => typeof part === 'string') ? parts : undefined;
  } catch {
    return undefined;
  }
}
