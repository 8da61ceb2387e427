/** What a WebSocket client offers to speak, and the token that it may have put among it: browsers can send no other header. */
export type Subprotocols = {
  /** undefined where none is offered; `malformed` where what is offered proves nothing. */
  readonly credential: { readonly type: 'token'; readonly token: string } | { readonly type: 'malformed' } | undefined;
  /** What is left without the token, in the client's order. Only this may be echoed. */
  readonly offered: readonly string[];
};

/** https://github.com/kubernetes/apiserver/blob/master/pkg/authentication/request/websocket/protocol.go */
export function readSubprotocols(header: string | undefined): Subprotocols {
  const all = (header ?? '')
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
  const tokens = all.filter((word) => word.startsWith(bearerPrefix));
  const offered = all.filter((word) => !word.startsWith(bearerPrefix));
  const [first] = tokens;
  if (first === undefined) return { credential: undefined, offered };
  // The answer must name one of those that were offered, and must not name the token.
  const token = tokens.length === 1 && offered.length > 0 ? tokenOf(first.slice(bearerPrefix.length)) : undefined;
  return { credential: token === undefined ? { type: 'malformed' } : { type: 'token', token }, offered };
}

const bearerPrefix = 'base64url.bearer.authorization.k8s.io.';

function tokenOf(encoded: string): string | undefined {
  if (!/^[\w-]+$/.test(encoded)) return undefined;
  const token = Buffer.from(encoded, 'base64url').toString('latin1');
  return /^[!-~]+$/.test(token) ? token : undefined;
}

/** A request's raw headers (name, value …) with the offered token as the credentials that it stands for. An Authorization header goes first. */
export function withOfferedToken(rawHeaders: readonly string[], header: string | undefined): readonly string[] {
  const { credential } = readSubprotocols(header);
  if (credential === undefined || rawHeaders.some((name, index) => index % 2 === 0 && /^authorization$/i.test(name))) return rawHeaders;
  return [...rawHeaders, 'Authorization', credential.type === 'token' ? `Bearer ${credential.token}` : 'none'];
}
