import { stat } from 'node:fs/promises';
import type { Identity } from './identity.ts';
import { readTokenFile } from './token-file.ts';
import { identityOf, keyedDigest, type Credential, type TokenEntry, type TokenTable } from './token-table.ts';

export type FollowedTokensOptions = {
  /** The token file. */
  readonly path: string;
  /** What it held when it was read first. */
  readonly entries: readonly TokenEntry[];
  /** Whose tokens stand elsewhere, and stay. */
  readonly always: readonly TokenEntry[];
  /** Called when the file says something else than before; `users` are its lines. */
  readonly onRead: (users: number) => void;
  /** Called once for each state of the file that cannot be understood: what was known goes on. `problem` holds no token. */
  readonly onRefused: (problem: string) => void;
};

export type FollowedTokens = Required<TokenTable> & { readonly stop: () => void };

const lookEveryMs = 200;

/**
 * The tokens of a file that changes while the process runs. It is looked at rather than watched: a mounted file is exchanged by links of its
 * folder, of which no watch on the file hears. It is read once it has stood still between two looks, so that nobody is shut out by a file that
 * is half written.
 */
export function followTokens({ path, entries, always, onRead, onRefused }: FollowedTokensOptions): FollowedTokens {
  const tokens = new ChangingTokens([...always, ...entries]);
  let seen: string | undefined;
  let read: string | undefined;
  const look = async (): Promise<void> => {
    const state = await stateOf(path);
    const isStill = state === seen;
    seen = state;
    if (!isStill || state === read) return;
    const outcome = await readTokenFile(path);
    if ((await stateOf(path)) !== state) return;
    read = state;
    if (outcome.type === 'refused') onRefused(outcome.problem);
    else if (tokens.replace([...always, ...outcome.entries])) onRead(outcome.entries.length);
  };
  let isLooking = false;
  const timer = setInterval(() => {
    if (isLooking) return;
    isLooking = true;
    void look().finally(() => (isLooking = false));
  }, lookEveryMs).unref();
  return {
    find: (token) => tokens.find(token),
    credentialOf: (identity) => tokens.credentialOf(identity),
    stop: () => clearInterval(timer),
  };
}

class ChangingTokens {
  /** By the token's digest. */
  #identities = new Map<string, Identity>();
  /** By all that a line says, so that whoever stays is the same object as before. */
  #lines = new Map<string, Identity>();
  #present = new Set<Identity>();
  readonly #listeners = new Set<() => void>();

  constructor(entries: readonly TokenEntry[]) {
    this.replace(entries);
  }

  find(token: string): Identity | undefined {
    return this.#identities.get(keyedDigest(token));
  }

  credentialOf(identity: Identity): Credential {
    return {
      holds: () => this.#present.has(identity),
      onChange: (listener) => {
        this.#listeners.add(listener);
        return () => this.#listeners.delete(listener);
      },
    };
  }

  /** Whether anything is different now. */
  replace(entries: readonly TokenEntry[]): boolean {
    const identities = new Map<string, Identity>();
    const lines = new Map<string, Identity>();
    for (const { token, ...who } of entries) {
      const digest = keyedDigest(token);
      const line = JSON.stringify([digest, who.user, who.uid, who.groups]);
      const identity = this.#lines.get(line) ?? identityOf(who);
      lines.set(line, identity);
      identities.set(digest, identity);
    }
    const isSame = lines.size === this.#lines.size && [...lines.keys()].every((line) => this.#lines.has(line));
    if (isSame) return false;
    this.#identities = identities;
    this.#lines = lines;
    this.#present = new Set(identities.values());
    for (const listener of [...this.#listeners]) listener();
    return true;
  }
}

/** What tells one state of a file from another; what keeps it from being read is a state, too. */
async function stateOf(path: string): Promise<string> {
  try {
    const { ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
    return `${ino} ${size} ${mtimeNs} ${ctimeNs}`;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unknown error';
  }
}
