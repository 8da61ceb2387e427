import type { DocumentNode, GraphQLError } from 'graphql';

/** A document that may be executed, or why it may not. */
export type PreparedDocument =
  { readonly type: 'ready'; readonly document: DocumentNode } | { readonly type: 'faulty'; readonly errors: readonly GraphQLError[] };

const documentsMax = 200;
const lettersMax = 2 * 1024 * 1024;

/** Documents that were read against one schema, by their text. The least recently used go first. */
export class DocumentCache {
  readonly #documents = new Map<string, PreparedDocument>();
  #letters = 0;

  get(text: string): PreparedDocument | undefined {
    const document = this.#documents.get(text);
    if (document === undefined) return undefined;
    this.#documents.delete(text);
    this.#documents.set(text, document);
    return document;
  }

  set(text: string, document: PreparedDocument): void {
    this.#documents.set(text, document);
    this.#letters += text.length;
    for (const [oldest] of this.#documents) {
      if (this.#documents.size <= documentsMax && this.#letters <= lettersMax) return;
      this.#documents.delete(oldest);
      this.#letters -= oldest.length;
    }
  }
}
