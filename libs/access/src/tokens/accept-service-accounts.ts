import type { Authenticate, Authentication, AuthenticationRefusal } from '../authenticate.ts';
import { bearerTokenOf } from '../bearer-token.ts';
import { impersonationOf, type Impersonation } from '../impersonation.ts';
import type { ServiceAccountClaim, ServiceAccountTokens } from './service-account-tokens.ts';

/** Somebody shows a ServiceAccount's token, rightly signed. Who they are is for the workspace to say: the account may be another's, or gone. */
export type Claimed = { readonly type: 'claimed'; readonly claim: ServiceAccountClaim; readonly wanted?: Impersonation };

export type AuthenticateInWorkspace = (...asked: Parameters<Authenticate>) => Authentication | Claimed;

/** As `authenticate`, for ServiceAccounts too. What is no token of one of them is left to it, and to its limits. */
export function acceptServiceAccounts(authenticate: Authenticate, tokens: ServiceAccountTokens): AuthenticateInWorkspace {
  return (rawHeaders, remoteAddress, socket) => {
    const bearer = bearerTokenOf(rawHeaders);
    const claim = bearer.type === 'token' && bearer.token.startsWith('eyJ') ? tokens.read(bearer.token) : undefined;
    if (bearer.type !== 'token' || !claim || !tokens.isForWorkspace(claim)) return authenticate(rawHeaders, remoteAddress, socket);
    if (!bearer.impersonates) return { type: 'claimed', claim };
    const read = impersonationOf(rawHeaders);
    if (read.type === 'malformed') return badRequest(read.message);
    return { type: 'claimed', claim, wanted: read.wanted };
  };
}

const badRequest = (message: string): AuthenticationRefusal => ({ type: 'refused', reason: 'BadRequest', message });
