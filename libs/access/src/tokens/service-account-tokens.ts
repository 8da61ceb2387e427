import { randomUUID } from 'node:crypto';
import { authenticatedGroup, type Identity } from '../identity.ts';
import type { SigningKey } from './jws.ts';

/** Whose token it is to be, and for whom. */
export type TokenOrder = {
  /** The workspace that the ServiceAccount lives in, by its cluster name. The token is good for it and no other. */
  readonly cluster: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** The object with which the token ends. */
  readonly bound?: BoundObject | undefined;
};

export type BoundObject = { readonly kind: 'Secret'; readonly name: string; readonly uid: string };

/** What a token says of whoever shows it. Its ServiceAccount may be gone: the workspace knows. */
export type ServiceAccountClaim = TokenOrder & {
  readonly identity: Identity;
  /** Absent: whoever asks for none. */
  readonly audiences: readonly string[] | undefined;
  /** When it ends, in milliseconds since 1970. Absent: it does not. */
  readonly untilMs?: number;
};

export type IssuedToken = { readonly token: string; /** RFC 3339. */ readonly expiresAt: string };

/** Tokens of ServiceAccounts: short ones for an audience, and lasting ones that end with a Secret. Claims are named as upstream names them. */
export class ServiceAccountTokens {
  readonly #key: SigningKey;
  readonly #publicUrl: string;
  readonly #now: () => number;
  readonly #read = new Map<string, { readonly claim: ServiceAccountClaim; readonly untilSeconds: number }>();

  /** `now` in milliseconds since 1970. */
  constructor(key: SigningKey, publicUrl: string, now: () => number = Date.now) {
    this.#key = key;
    this.#publicUrl = publicUrl;
    this.#now = now;
  }

  /** Who signs for a workspace; also the audience that the workspace itself is. */
  issuerOf(cluster: string): string {
    return `${this.#publicUrl}/clusters/${cluster}`;
  }

  get keys(): readonly Readonly<Record<string, string>>[] {
    return [this.#key.jwk];
  }

  issue(order: TokenOrder, audiences: readonly string[], seconds: number): IssuedToken {
    const now = Math.floor(this.#now() / 1000);
    const dates = { aud: audiences, exp: now + seconds, iat: now, iss: this.issuerOf(order.cluster), jti: randomUUID(), nbf: now };
    return {
      token: this.#key.sign({ ...dates, ...claimsOf(order) }),
      expiresAt: `${new Date((now + seconds) * 1000).toISOString().slice(0, 19)}Z`,
    };
  }

  /** A token without an end of its own. */
  issueLasting(order: TokenOrder & { readonly bound: BoundObject }): string {
    return this.#key.sign({ iss: lastingIssuer, ...claimsOf(order) });
  }

  /** What a token says, where we have signed it and it has neither ended nor not begun. */
  read(token: string): ServiceAccountClaim | undefined {
    const now = this.#now() / 1000;
    const known = this.#read.get(token);
    if (known) return now < known.untilSeconds ? known.claim : undefined;
    const claims = this.#key.verified(token) as Claims | undefined;
    const claim = claims && this.#claimOf(claims, now);
    if (!claim) return undefined;
    if (this.#read.size >= readMax) this.#read.clear();
    this.#read.set(token, { claim, untilSeconds: claims.exp ?? Infinity });
    return claim;
  }

  /** Whether the token is meant for the workspace itself. */
  isForWorkspace({ cluster, audiences }: ServiceAccountClaim): boolean {
    return audiences === undefined || audiences.includes(this.issuerOf(cluster));
  }

  #claimOf(claims: Claims, now: number): ServiceAccountClaim | undefined {
    const { [homeClaim]: home, [accountClaim]: account, iss, exp, nbf, aud, jti } = claims;
    if (iss === lastingIssuer) {
      if (exp !== undefined || !account.secret) return undefined;
    } else if (iss !== this.issuerOf(home.cluster) || exp === undefined || nbf === undefined || now >= exp || now + leewaySeconds < nbf)
      return undefined;
    const { namespace, serviceaccount, secret } = account;
    const { name, uid } = serviceaccount;
    const user = `${userPrefix}${namespace}:${name}`;
    const groups = [groupOfAll, `${groupOfAll}:${namespace}`, authenticatedGroup];
    const extra: Record<string, string[]> = jti === undefined ? {} : { 'authentication.kubernetes.io/credential-id': [`JTI=${jti}`] };
    const bound = secret && { kind: 'Secret' as const, ...secret };
    const end = exp === undefined ? {} : { untilMs: exp * 1000 };
    return { cluster: home.cluster, namespace, name, uid, bound, audiences: aud, identity: { user, uid, groups, extra }, ...end };
  }
}

/** Whether somebody says to be a ServiceAccount; only a workspace's own ones can prove it there. */
export const isServiceAccount = ({ user }: Identity): boolean => user.startsWith(userPrefix);

/** As another workspace than their own sees somebody: a ServiceAccount is nobody there, whatever one of its name may do. */
export const abroad = (identity: Identity): Identity =>
  isServiceAccount(identity) ? { ...identity, user: `system:foreign:${identity.user}`, groups: [authenticatedGroup] } : identity;

const userPrefix = 'system:serviceaccount:';
const groupOfAll = 'system:serviceaccounts';
const lastingIssuer = 'kubernetes/serviceaccount';
const homeClaim = 'tributary.io';
const accountClaim = 'kubernetes.io';
/** Another process may have signed it whose clock is ahead of ours. Upstream allows for the same. */
const leewaySeconds = 60;
/** Tokens that were checked and need not be checked again. */
const readMax = 1_000;

type Named = { readonly name: string; readonly uid: string };
/** We have signed them, so they are of this form. */
type Claims = {
  readonly iss: string;
  readonly exp?: number;
  readonly nbf?: number;
  readonly aud?: readonly string[];
  readonly jti?: string;
  readonly [homeClaim]: { readonly cluster: string };
  readonly [accountClaim]: { readonly namespace: string; readonly serviceaccount: Named; readonly secret?: Named };
};

function claimsOf({ cluster, namespace, name, uid, bound }: TokenOrder): object {
  return {
    sub: `${userPrefix}${namespace}:${name}`,
    [accountClaim]: { namespace, serviceaccount: { name, uid }, ...(bound ? { secret: { name: bound.name, uid: bound.uid } } : {}) },
    [homeClaim]: { cluster },
  };
}
