import { hash, randomBytes } from 'node:crypto';
import { authenticatedGroup, type Identity } from './identity.ts';

/** One line of a token file, or the administrator. `groups` as written there. */
export type TokenEntry = { readonly token: string; readonly user: string; readonly uid: string; readonly groups: readonly string[] };

/** Whose token is whose. Keeps no token, only digests. */
export type TokenTable = {
  find(token: string): Identity | undefined;
  /** What an identity that was found rests on. Absent: on what nobody takes back while the process runs. */
  credentialOf?(identity: Identity): Credential | undefined;
};

/** What proves who somebody is, where it may be taken back while they are being served. */
export type Credential = {
  /** Whether it still proves the same. */
  readonly holds: () => boolean;
  /** Calls whenever that may have changed. Answers how to stop it. */
  readonly onChange: (listener: () => void) => () => void;
};

export function createTokenTable(entries: readonly TokenEntry[]): TokenTable {
  const identities = new Map<string, Identity>();
  for (const { token, ...who } of entries) identities.set(keyedDigest(token), identityOf(who));
  return { find: (token) => identities.get(keyedDigest(token)) };
}

export function identityOf({ user, uid, groups }: Omit<TokenEntry, 'token'>): Identity {
  return { user, uid, groups: [...new Set([...groups, authenticatedGroup])], extra: {} };
}

const processKey = randomBytes(32).toString('hex');

/** SHA-256 with a key of this process: nobody outside can choose or learn it, so how long a look-up by it takes tells nothing about the token. */
export function keyedDigest(token: string): string {
  return hash('sha256', processKey + token, 'base64url');
}
