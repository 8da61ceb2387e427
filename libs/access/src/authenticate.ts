import type { Socket } from 'node:net';
import { type BearerToken, bearerTokenOf } from './bearer-token.ts';
import { FailedAttempts, sourceOf } from './failed-attempts.ts';
import { anonymous, type Identity } from './identity.ts';
import { impersonationOf, type Impersonation } from './impersonation.ts';
import type { Credential, TokenTable } from './token-table.ts';

export type Authentication =
  | {
      readonly type: 'identified';
      readonly identity: Identity;
      /** Whom the sender asks to act as. It is not granted yet: `impersonate` decides, by the rules of the workspace that is asked. */
      readonly wanted?: Impersonation;
      /** When what proves who they are ends, in milliseconds since 1970. Absent: it does not. */
      readonly untilMs?: number;
      /** What proves who they are, where that may be taken back before. */
      readonly credential?: Credential;
    }
  | AuthenticationRefusal;

/** `reason` is a Kubernetes StatusReason; `message` never repeats a credential. */
export type AuthenticationRefusal = {
  readonly type: 'refused';
  readonly reason: 'BadRequest' | 'Unauthorized' | 'Forbidden' | 'TooManyRequests';
  readonly message: string;
  /** Set with TooManyRequests: what the Retry-After header says. */
  readonly retryAfterSeconds?: number;
};

/**
 * Tells who sent a request. `rawHeaders` are node's (name, value, name, value …): the parsed ones have lost a second
 * Authorization header already. Headers that name a user (X-Remote-User and the like) are not looked at.
 */
export type Authenticate = (rawHeaders: readonly string[], remoteAddress: string | undefined, socket?: Socket) => Authentication;

/** Bearer tokens from one table; no credentials at all means `anonymous`, who may not impersonate anybody. */
export function createAuthenticate(tokens: TokenTable, attempts: FailedAttempts = new FailedAttempts()): Authenticate {
  return (rawHeaders, remoteAddress) => {
    const bearer = bearerTokenOf(rawHeaders);
    switch (bearer.type) {
      case 'doubled':
        return { type: 'refused', reason: 'BadRequest', message: 'more than one Authorization header' };
      case 'foreign':
        return unauthorized;
      case 'absent':
        return bearer.impersonates ? unauthorized : { type: 'identified', identity: anonymous };
      case 'token':
        return identify(bearer, rawHeaders, remoteAddress);
    }
  };

  function identify(
    { token, impersonates }: Extract<BearerToken, { type: 'token' }>,
    rawHeaders: readonly string[],
    remoteAddress: string | undefined,
  ): Authentication {
    const identity = tokens.find(token);
    if (identity === undefined) return refuse(token, sourceOf(remoteAddress));
    const credential = tokens.credentialOf?.(identity);
    const identified = { type: 'identified', identity, ...(credential ? { credential } : {}) } as const;
    if (!impersonates) return identified;
    const read = impersonationOf(rawHeaders);
    if (read.type === 'malformed') return { type: 'refused', reason: 'BadRequest', message: read.message };
    return { ...identified, wanted: read.wanted };
  }

  /** Who has no right token is slowed down; neighbours who have one, behind the same address, are not. What keeps guessers out is a token's length. */
  function refuse(token: string, source: string): AuthenticationRefusal {
    const retryAfterSeconds = attempts.size === 0 ? 0 : attempts.waitSeconds(source, token);
    if (retryAfterSeconds > 0)
      return { type: 'refused', reason: 'TooManyRequests', message: 'too many failed attempts from this address', retryAfterSeconds };
    attempts.failed(source, token);
    return unauthorized;
  }
}

const unauthorized: AuthenticationRefusal = { type: 'refused', reason: 'Unauthorized', message: 'Unauthorized' };
