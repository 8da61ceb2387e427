import { CelError, OpaqueValue, ValueList, ValueMap, type Value } from '../values.ts';
import { opaque } from '../types.ts';
import { global, member, type Overload } from './declare.ts';

const urlType = opaque('kubernetes.URL');

/** A URL as Go's net/url takes it apart: no normalisation, unlike the browser's URL class. */
class Url extends OpaqueValue {
  readonly type = urlType;
  readonly text: string;
  readonly scheme: string;
  readonly host: string;
  readonly path: string;
  readonly query: string;
  constructor(text: string, parts: { readonly scheme: string; readonly host: string; readonly path: string; readonly query: string }) {
    super();
    this.text = text;
    this.scheme = parts.scheme;
    this.host = parts.host;
    this.path = parts.path;
    this.query = parts.query;
  }
  equals(other: OpaqueValue): boolean {
    return other instanceof Url && this.text === other.text;
  }
}

export const urlFunctions: readonly Overload[] = [
  global('url', 'string_to_url', 'string -> url', (text: string) => {
    const parsed = parseUrl(text);
    return typeof parsed === 'string'
      ? new CelError(`URL parse error during conversion from string: parse ${JSON.stringify(text)}: ${parsed}`)
      : parsed;
  }),
  global('isURL', 'is_url_string', 'string -> bool', isUrl),
  member('getScheme', 'url_get_scheme', 'url -> string', ({ scheme }: Url) => scheme),
  member('getHost', 'url_get_host', 'url -> string', ({ host }: Url) => host),
  member('getHostname', 'url_get_hostname', 'url -> string', ({ host }: Url) => hostname(host)),
  member('getPort', 'url_get_port', 'url -> string', ({ host }: Url) => portOf(host)),
  member('getEscapedPath', 'url_get_escaped_path', 'url -> string', ({ path }: Url) => escapedPath(path)),
  member('getQuery', 'url_get_query', 'url -> map(string, list(string))', ({ query }: Url) => queryMap(query)),
];

function isUrl(text: string): boolean {
  return typeof parseUrl(text) !== 'string';
}

/** Why a text is no absolute URL or path, in Go's words; or the URL. */
export function parseUrl(text: string): Url | string {
  if (/[\x00-\x1f\x7f]/.test(text)) return 'net/url: invalid control character in URL';
  if (text === '') return 'empty url';
  if (text === '*') return new Url(text, { scheme: '', host: '', path: '*', query: '' });
  const [, scheme = '', afterScheme = text] = /^([a-zA-Z][a-zA-Z0-9+.-]*):(.*)$/s.exec(text) ?? [];
  if (scheme === '' && text.startsWith(':')) return 'missing protocol scheme';
  const [rest = ''] = afterScheme.split('#');
  const queryAt = rest.indexOf('?');
  const before = queryAt < 0 ? rest : rest.slice(0, queryAt);
  const query = queryAt < 0 ? '' : rest.slice(queryAt + 1);
  if (!before.startsWith('/')) return scheme === '' ? 'invalid URI for request' : opaqueUrl(text, scheme, query);
  const [, authority = '', path = before] = /^\/\/([^/]*)(.*)$/s.exec(before) ?? [];
  const host = authority.slice(authority.lastIndexOf('@') + 1);
  const problem = hostProblem(host) ?? escapeProblem(path);
  return problem ?? new Url(text, { scheme: scheme.toLowerCase(), host: decoded(host), path, query });
}

function opaqueUrl(text: string, scheme: string, query: string): Url {
  return new Url(text, { scheme: scheme.toLowerCase(), host: '', path: '', query });
}

function hostProblem(host: string): string | undefined {
  if (host.startsWith('[')) {
    const close = host.lastIndexOf(']');
    if (close < 0) return "missing ']' in host";
    return portProblem(host.slice(close + 1));
  }
  const colon = host.lastIndexOf(':');
  const bad = /[\s"<>\\^`{|}]/.exec(host);
  if (bad) return `invalid character ${JSON.stringify(bad[0])} in host name`;
  return (colon >= 0 ? portProblem(host.slice(colon)) : undefined) ?? escapeProblem(host);
}

function portProblem(port: string): string | undefined {
  return /^(:\d*)?$/.test(port) ? undefined : `invalid port ${JSON.stringify(port)} after host`;
}

function escapeProblem(text: string): string | undefined {
  const bad = /%(?![0-9a-fA-F]{2}).{0,2}/s.exec(text);
  return bad ? `invalid URL escape ${JSON.stringify(bad[0])}` : undefined;
}

function hostname(host: string): string {
  if (host.startsWith('[')) return host.slice(1, host.lastIndexOf(']'));
  const colon = host.lastIndexOf(':');
  return colon < 0 ? host : host.slice(0, colon);
}

function portOf(host: string): string {
  return /:(\d*)$/.exec(host.startsWith('[') ? host.slice(host.lastIndexOf(']')) : host)?.[1] ?? '';
}

/** The path as it was written, if it is well escaped; escaped anew otherwise. */
function escapedPath(path: string): string {
  if (/^[A-Za-z0-9\-_.~!$&'()*+,;=:@/[\]%]*$/.test(path)) return path;
  return encodeURI(decoded(path)).replace(/[#?]/g, encodeURIComponent);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function queryMap(query: string): Value {
  const lists = new Map<string, Value[]>();
  for (const pair of query.split('&')) {
    if (pair === '' || pair.includes(';')) continue;
    const equals = pair.indexOf('=');
    const [key, value] = equals < 0 ? [pair, ''] : [pair.slice(0, equals), pair.slice(equals + 1)];
    if (escapeProblem(key) ?? escapeProblem(value)) continue;
    const name = decoded(key.replaceAll('+', ' '));
    lists.set(name, [...(lists.get(name) ?? []), decoded(value.replaceAll('+', ' '))]);
  }
  const map = new ValueMap();
  for (const [name, values] of lists) map.set(name, new ValueList(values));
  return map;
}
