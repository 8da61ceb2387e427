import { createHash, hash, randomBytes, timingSafeEqual } from 'node:crypto';
import { authenticatedGroup, type Identity } from './identity.ts';

/** One line of a token file, or the administrator. `groups` as written there. */
export type TokenEntry = { readonly token: string; readonly user: string; readonly uid: string; readonly groups: readonly string[] };

/** Whose token is whose. Keeps no token, only digests. */
export type TokenTable = { find(token: string): Identity | undefined };

export function createTokenTable(entries: readonly TokenEntry[]): TokenTable {
  const rows = new Map<string, { readonly sha256: Buffer; readonly identity: Identity }>();
  for (const { token, user, uid, groups } of entries) {
    const identity: Identity = { user, uid, groups: [...new Set([...groups, authenticatedGroup])], extra: {} };
    rows.set(keyedDigest(token), { sha256: sha256(token), identity });
  }
  return {
    find(token) {
      const row = rows.get(keyedDigest(token));
      return row !== undefined && timingSafeEqual(row.sha256, sha256(token)) ? row.identity : undefined;
    },
  };
}

const processKey = randomBytes(32).toString('hex');

/** Made with a key of this process: how long a look-up by it takes tells nothing about the token. */
export function keyedDigest(token: string): string {
  return hash('sha256', processKey + token, 'base64url');
}

function sha256(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
