import type pg from 'pg';
import { noRevision } from '#stream';
import { textArray } from './binary-array.ts';
import type { Patience } from './patience.ts';

type Asked = { readonly resolve: (head: bigint) => void; readonly reject: (failure: unknown) => void };

/**
 * Where streams end. What is asked while a look is under way is looked up together, by the next one: reads of many accounts cost one
 * question at a time, and each answer is as of a moment after its question.
 */
export class StreamHeads {
  readonly #pool: pg.Pool;
  readonly #patience: Patience;
  #asked = new Map<string, Asked[]>();
  #looking = false;

  constructor(pool: pg.Pool, patience: Patience) {
    this.#pool = pool;
    this.#patience = patience;
  }

  /** @throws LogUnavailable */
  of(stream: string): Promise<bigint> {
    return new Promise((resolve, reject) => {
      const asked = this.#asked.get(stream);
      if (asked) asked.push({ resolve, reject });
      else this.#asked.set(stream, [{ resolve, reject }]);
      if (this.#looking) return;
      this.#looking = true;
      // Whoever else asks in this turn of the event loop comes along.
      setImmediate(() => void this.#look());
    });
  }

  async #look(): Promise<void> {
    while (this.#asked.size > 0) {
      const asked = this.#asked;
      this.#asked = new Map();
      try {
        const heads = await this.#read([...asked.keys()]);
        for (const [stream, all] of asked) for (const { resolve } of all) resolve(heads.get(stream) ?? noRevision);
      } catch (failure) {
        for (const all of asked.values()) for (const { reject } of all) reject(failure);
      }
    }
    this.#looking = false;
  }

  async #read(streams: readonly string[]): Promise<ReadonlyMap<string, bigint>> {
    const values = [textArray(streams)];
    const { rows } = await this.#patience.insist(() => this.#pool.query<[string, string]>({ ...query, values }));
    return new Map(rows.map(([stream, revision]) => [stream, BigInt(revision)]));
  }
}

const query = {
  name: 'stream_heads',
  text: 'SELECT stream, revision FROM stream_heads WHERE stream = ANY($1::text[])',
  rowMode: 'array',
} as const;
