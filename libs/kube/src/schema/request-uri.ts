/**
 * What a request line may carry, as Go's net/url reads it: an absolute URI, a path from the root, or `*`. A fragment has no meaning there.
 * https://pkg.go.dev/net/url#ParseRequestURI
 */
export function isRequestUri(text: string): boolean {
  if (text === '' || /[\x00-\x1f\x7f]/.test(text)) return false;
  const scheme = /^[a-z][a-z0-9+.-]*:/i.exec(text)?.[0] ?? '';
  const [rest = ''] = text.slice(scheme.length).split('?', 1);
  if (!rest.startsWith('/')) return scheme !== '' || text === '*';
  if (scheme === '' || !rest.startsWith('//')) return isEscaped(rest);
  const slash = rest.indexOf('/', 2);
  const end = slash < 0 ? rest.length : slash;
  return isAuthority(rest.slice(2, end)) && isEscaped(rest.slice(end));
}

const isEscaped = (text: string): boolean => !/%(?![0-9a-f]{2})/i.test(text);

function isAuthority(authority: string): boolean {
  const at = authority.lastIndexOf('@');
  const user = authority.slice(0, Math.max(0, at));
  return /^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(user) && isEscaped(user) && isHost(authority.slice(at + 1));
}

/** Of a host only what is not ASCII may be escaped, but for the zone of an address. */
function isHost(host: string): boolean {
  const close = host.startsWith('[') ? host.lastIndexOf(']') : undefined;
  const port = close === undefined ? /:[^:]*$/.exec(host)?.[0] : host.slice(close + 1);
  if (close === -1 || (port !== undefined && !/^(?::\d*)?$/.test(port))) return false;
  const zone = close === undefined ? -1 : host.slice(0, close).indexOf('%25');
  const name = zone < 0 ? host : host.slice(0, zone) + host.slice(close);
  return isEscaped(host) && !/%[0-7]/.test(name) && !/[\s#\\^`{|}/?@]/.test(name);
}
