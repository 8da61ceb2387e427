import type { ServedKind } from '#kube';

export type Document = { readonly bytes: Uint8Array; readonly hash: string };

/** A document by its name and by the kinds that it is about, and how it is made. */
type Wanted = { readonly name: string; readonly kinds: readonly ServedKind[]; readonly make: () => Document };

/** So many bytes of documents are kept; the least lately used go first, and are made again when they are asked for. */
const bytesMax = 24 * 1024 * 1024;
/** Of so many documents the hash is remembered: clients ask for all hashes, and for few documents. */
const hashesMax = 20_000;

export class DocumentStore {
  readonly #documents = new Map<string, Document>();
  readonly #hashes = new Map<string, string>();
  readonly #numbers = new WeakMap<ServedKind, number>();
  #numbered = 0;
  #bytes = 0;

  of(wanted: Wanted): Document {
    const key = this.#keyOf(wanted);
    const known = this.#documents.get(key);
    const document = known ?? wanted.make();
    if (known) this.#documents.delete(key);
    else this.#bytes += document.bytes.length;
    this.#documents.set(key, document);
    this.#hashes.set(key, document.hash);
    this.#letGo();
    return document;
  }

  hashOf(wanted: Wanted): string {
    return this.#hashes.get(this.#keyOf(wanted)) ?? this.of(wanted).hash;
  }

  /** One document stays, however large it is. */
  #letGo(): void {
    for (const [key, { bytes }] of this.#documents) {
      if (this.#bytes <= bytesMax || this.#documents.size === 1) break;
      this.#documents.delete(key);
      this.#bytes -= bytes.length;
    }
    for (const key of this.#hashes.keys()) {
      if (this.#hashes.size <= hashesMax) break;
      this.#hashes.delete(key);
    }
  }

  /** Kinds never change: another content is another object. */
  #keyOf({ name, kinds }: Wanted): string {
    return `${name} ${kinds.map((kind) => this.#numberOf(kind)).join()}`;
  }

  #numberOf(kind: ServedKind): number {
    let number = this.#numbers.get(kind);
    if (number === undefined) this.#numbers.set(kind, (number = ++this.#numbered));
    return number;
  }
}
