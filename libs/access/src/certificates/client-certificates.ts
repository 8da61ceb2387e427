import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { authenticatedGroup, mastersGroup, type Identity } from '../identity.ts';

/** What a client's certificate says of the client. */
export type ShownCertificate =
  | { readonly type: 'none' }
  /** Vouched for by an authority for clients. `untilMs`: when it ends, in milliseconds since 1970. */
  | { readonly type: 'valid'; readonly identity: Identity; readonly untilMs: number }
  | { readonly type: 'invalid' };

/**
 * Who is at the other end of a connection, by the certificate that was shown when it was opened: the common name is the user, the
 * organisations are the groups. https://kubernetes.io/docs/reference/access-authn-authz/authentication/#x509-client-certificates
 */
export function certificateShown(socket: Socket | undefined, now: () => number = Date.now): ShownCertificate {
  if (!(socket instanceof TLSSocket)) return none;
  let shown = known.get(socket);
  if (!shown) known.set(socket, (shown = read(socket)));
  // A connection may last longer than the certificate that opened it.
  return shown.type === 'valid' && now() >= shown.untilMs ? invalid : shown;
}

const none: ShownCertificate = { type: 'none' };
const invalid: ShownCertificate = { type: 'invalid' };
const known = new WeakMap<TLSSocket, ShownCertificate>();

/** A session that is taken up again brings its certificate along; one that was opened without any counts as authorized too. */
function read(socket: TLSSocket): ShownCertificate {
  const certificate = socket.getPeerX509Certificate();
  if (!certificate) return none;
  if (!socket.authorized) return invalid;
  // As a list of values, not as one text: nothing in a value can be taken for the beginning of another.
  const subject = certificate.toLegacyObject().subject as unknown as Readonly<Record<string, string | readonly string[] | undefined>>;
  const { CN: user, O: organisations = [] } = subject;
  const groups = typeof organisations === 'string' ? [organisations] : organisations;
  if (typeof user !== 'string' || user === '' || user.startsWith('system:') || groups.some(isReserved)) return invalid;
  const extra = {
    'authentication.kubernetes.io/credential-id': [`X509SHA256=${certificate.fingerprint256.replaceAll(':', '').toLowerCase()}`],
  };
  const identity: Identity = { user, uid: '', groups: [...new Set([...groups, authenticatedGroup])], extra };
  return { type: 'valid', identity, untilMs: certificate.validToDate.getTime() };
}

/** As in a token file: of what the server reserves, whoever has the authority's key may give the right to everything only. */
const isReserved = (group: string): boolean => group === '' || (group.startsWith('system:') && group !== mastersGroup);
