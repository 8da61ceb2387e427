import { hash, randomBytes } from 'node:crypto';
import { authenticatedGroup, type Identity } from './identity.ts';

/** One line of a token file, or the administrator. `groups` as written there. */
export type TokenEntry = { readonly token: string; readonly user: string; readonly uid: string; readonly groups: readonly string[] };

/** Whose token is whose. Keeps no token, only digests. */
export type TokenTable = { find(token: string): Identity | undefined };

export function createTokenTable(entries: readonly TokenEntry[]): TokenTable {
  const identities = new Map<string, Identity>();
  for (const { token, user, uid, groups } of entries) {
    const identity: Identity = { user, uid, groups: [...new Set([...groups, authenticatedGroup])], extra: {} };
    identities.set(keyedDigest(token), identity);
  }
  return { find: (token) => identities.get(keyedDigest(token)) };
}

const processKey = randomBytes(32).toString('hex');

/** SHA-256 with a key of this process: nobody outside can choose or learn it, so how long a look-up by it takes tells nothing about the token. */
export function keyedDigest(token: string): string {
  return hash('sha256', processKey + token, 'base64url');
}
