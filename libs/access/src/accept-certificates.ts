import type { Authenticate, Authentication, AuthenticationRefusal } from './authenticate.ts';
import { bearerTokenOf } from './bearer-token.ts';
import { certificateShown } from './certificates/client-certificates.ts';
import { impersonationOf } from './impersonation.ts';

type Asked = Parameters<Authenticate>;

/**
 * As `authenticate`, for whoever has shown a certificate when the connection was opened too. A good one goes before a token, as upstream has
 * it; a bad one is as good as none beside a token, and 401 by itself.
 */
export function acceptCertificates<Answer>(authenticate: (...asked: Asked) => Answer): (...asked: Asked) => Answer | Authentication {
  return (...asked) => {
    const [rawHeaders, , socket] = asked;
    const shown = certificateShown(socket);
    if (shown.type === 'none') return authenticate(...asked);
    const bearer = bearerTokenOf(rawHeaders);
    if (shown.type === 'invalid') return bearer.type === 'absent' ? unauthorized : authenticate(...asked);
    const { identity, untilMs } = shown;
    const impersonates = rawHeaders.some((name, index) => index % 2 === 0 && /^impersonate-/i.test(name));
    if (!impersonates) return { type: 'identified', identity, untilMs };
    const read = impersonationOf(rawHeaders);
    if (read.type === 'malformed') return { type: 'refused', reason: 'BadRequest', message: read.message };
    return { type: 'identified', identity, untilMs, wanted: read.wanted };
  };
}

const unauthorized: AuthenticationRefusal = { type: 'refused', reason: 'Unauthorized', message: 'Unauthorized' };
