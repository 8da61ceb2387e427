import type { ServedKind } from '#kube';
import { DocumentCache } from '../ask/document-cache.ts';
import { workspaceSchema, type WorkspaceSchema } from './workspace-schema.ts';

/** A schema and the documents that were read against it. */
export type SchemaEntry = WorkspaceSchema & { readonly documents: DocumentCache };

const entriesMax = 64;

/** Schemas by the kinds that they are made of: workspaces that serve the same share one. The least recently used goes first. */
export class SchemaCache {
  readonly #contents = new WeakMap<readonly ServedKind[], string>();
  readonly #entries = new Map<string, SchemaEntry>();
  readonly #numbers = new WeakMap<ServedKind, number>();
  #numbered = 0;

  get size(): number {
    return this.#entries.size;
  }

  of(served: readonly ServedKind[]): SchemaEntry {
    const content = this.#contentOf(served);
    const entry = this.#entries.get(content) ?? { ...workspaceSchema(served), documents: new DocumentCache() };
    this.#entries.delete(content);
    this.#entries.set(content, entry);
    if (this.#entries.size > entriesMax) this.#forgetOldest();
    return entry;
  }

  #forgetOldest(): void {
    const [oldest] = this.#entries.keys();
    if (oldest !== undefined) this.#entries.delete(oldest);
  }

  /** A kind is the same value as long as its content is: numbers stand for contents. */
  #contentOf(served: readonly ServedKind[]): string {
    let content = this.#contents.get(served);
    if (content === undefined) this.#contents.set(served, (content = served.map((kind) => this.#numberOf(kind)).join()));
    return content;
  }

  #numberOf(kind: ServedKind): number {
    let number = this.#numbers.get(kind);
    if (number === undefined) this.#numbers.set(kind, (number = ++this.#numbered));
    return number;
  }
}
