import { createHash } from 'node:crypto';
import { GraphQLError } from 'graphql';
import type { Params } from './params.ts';

const queriesMax = 2_000;
const lettersMax = 4 * 1024 * 1024;
const queryLettersMax = 64 * 1024;

/**
 * Documents by their hash: a client sends the hash, and the text only where it is not known yet. They hold for all workspaces; what they may read is
 * judged each time. https://www.apollographql.com/docs/apollo-server/performance/apq
 */
export class PersistedQueries {
  readonly #texts = new Map<string, string>();
  #letters = 0;

  /** The same with its text; or why there is none. */
  resolve(params: Params): Params | GraphQLError {
    const hash = hashIn(params.extensions);
    if (hash === undefined) return params;
    const { query } = params;
    if (typeof query !== 'string') {
      const text = this.#texts.get(hash);
      if (text === undefined) return unknown();
      this.#texts.delete(hash);
      this.#texts.set(hash, text);
      return { ...params, query: text };
    }
    if (createHash('sha256').update(query).digest('hex') !== hash) return mismatch();
    if (!this.#texts.has(hash) && query.length <= queryLettersMax) this.#keep(hash, query);
    return params;
  }

  #keep(hash: string, text: string): void {
    this.#texts.set(hash, text);
    this.#letters += text.length;
    for (const [oldest, old] of this.#texts) {
      if (this.#texts.size <= queriesMax && this.#letters <= lettersMax) return;
      this.#texts.delete(oldest);
      this.#letters -= old.length;
    }
  }
}

function hashIn(extensions: unknown): string | undefined {
  const { persistedQuery } = (extensions ?? {}) as { readonly persistedQuery?: { readonly sha256Hash?: unknown } | null };
  const hash = persistedQuery?.sha256Hash;
  return typeof hash === 'string' ? hash.toLowerCase() : undefined;
}

/** In the words by which clients know that they are to send the text. */
const unknown = (): GraphQLError => new GraphQLError('PersistedQueryNotFound', { extensions: { code: 'PERSISTED_QUERY_NOT_FOUND' } });
const mismatch = (): GraphQLError =>
  new GraphQLError('provided sha does not match query', { extensions: { code: 'PERSISTED_QUERY_HASH_MISMATCH' } });
