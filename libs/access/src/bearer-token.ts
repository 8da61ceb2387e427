export type BearerToken =
  /** `impersonates`: there are headers that ask to act as somebody else. */
  | { readonly type: 'token'; readonly token: string; readonly impersonates: boolean }
  | { readonly type: 'absent'; readonly impersonates: boolean }
  /** Another scheme than Bearer, or no well-formed token. */
  | { readonly type: 'foreign' }
  | { readonly type: 'doubled' };

/** Reads node's raw headers in one pass. https://www.rfc-editor.org/rfc/rfc6750#section-2.1 */
export function bearerTokenOf(rawHeaders: readonly string[]): BearerToken {
  let authorization: string | undefined;
  let impersonates = false;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]!;
    if (name.length === 13 && name.toLowerCase() === 'authorization') {
      if (authorization !== undefined) return { type: 'doubled' };
      authorization = rawHeaders[index + 1]!;
    } else if (name.length > 12 && name.slice(0, 12).toLowerCase() === 'impersonate-') {
      impersonates = true;
    }
  }
  if (authorization === undefined) return { type: 'absent', impersonates };
  const token = /^Bearer +([!-~]+) *$/i.exec(authorization)?.[1];
  return token === undefined ? { type: 'foreign' } : { type: 'token', token, impersonates };
}
