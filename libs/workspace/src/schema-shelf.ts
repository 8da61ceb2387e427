import { createHash } from 'node:crypto';
import { parseJson } from '#json';
import { compileApi, schemaHashOf, type ApiSchema, type CompiledApi } from '#provider';
import { noRevision, type EventLog } from '#stream';

/** The schemas that bindings name by content. Each stands once in the log and is compiled once per process. */
export class SchemaShelf {
  readonly #log: EventLog;
  readonly #compiled = new Map<string, CompiledApi>();
  readonly #loading = new Map<string, Promise<void>>();

  constructor(log: EventLog) {
    this.#log = log;
  }

  /** Puts a schema on the shelf, for good. Answers its hash. */
  async publish(schema: ApiSchema): Promise<string> {
    const hash = schemaHashOf(schema);
    if (!this.#compiled.has(hash)) {
      // A conflict means that somebody published the same text before.
      await this.#log.append(streamOf(hash), noRevision, [
        { id: idOf(hash), type: 'SchemaPublished', data: JSON.stringify({ type: 'SchemaPublished', schema }) },
      ]);
      this.#compiled.set(hash, compileApi(schema));
    }
    return hash;
  }

  /** Makes sure that `get` knows these. */
  async ensure(hashes: readonly string[]): Promise<void> {
    const missing = hashes.filter((hash) => !this.#compiled.has(hash));
    if (missing.length > 0) await Promise.all(missing.map((hash) => this.#load(hash)));
  }

  atHand(hash: string): CompiledApi | undefined {
    return this.#compiled.get(hash);
  }

  /** A schema that was published or ensured before. */
  get(hash: string): CompiledApi {
    const known = this.#compiled.get(hash);
    if (!known) throw new Error(`schema ${hash} was never published`);
    return known;
  }

  #load(hash: string): Promise<void> {
    let loading = this.#loading.get(hash);
    if (!loading) {
      loading = this.#read(hash).finally(() => this.#loading.delete(hash));
      this.#loading.set(hash, loading);
    }
    return loading;
  }

  async #read(hash: string): Promise<void> {
    for await (const { data } of this.#log.readStream(streamOf(hash), 0n)) {
      const { schema } = parseJson(data) as { readonly schema: ApiSchema };
      this.#compiled.set(hash, compileApi(schema));
    }
  }
}

const streamOf = (hash: string): string => `schema-${hash}`;

/** The same for the same schema, so that a second attempt is recognised as one. */
function idOf(hash: string): string {
  const hex = createHash('sha256').update(`schema ${hash}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
