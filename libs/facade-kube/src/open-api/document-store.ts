import { openApiHash, type OpenApiEdition, type OpenApiPart, type ServedKind, type ServedVersion } from '#kube';
import { inSlices } from '#workspace';

/** `pieces` stand one after the other. Documents that have parts in common share them, for as long as one of them is kept. */
export type Document = {
  readonly parts: readonly OpenApiPart[];
  readonly pieces: readonly Uint8Array[];
  readonly length: number;
  readonly hash: string;
};

/** A document by its name and by what it is about. */
export type Wanted = { readonly name: string; readonly edition: OpenApiEdition; readonly about: readonly About[] };
export type About = { readonly kind: ServedKind; readonly version: ServedVersion };

/** So many bytes of documents are kept; the least lately used go first, and are made again when they are asked for. */
const bytesMax = 24 * 1024 * 1024;
/** Of so many documents the hash is remembered: clients ask for all hashes, and for few documents. */
const hashesMax = 20_000;

export class DocumentStore {
  readonly #documents = new Map<string, Document>();
  readonly #hashes = new Map<string, string>();
  /** Who asks for what is being made gets that. */
  readonly #inMaking = new Map<string, Promise<Document>>();
  /** Lists of kinds live as long as workspaces serve them, and are asked about again and again. */
  readonly #keys = new WeakMap<readonly About[], string>();
  readonly #numbers = new WeakMap<ServedKind, number>();
  #numbered = 0;
  #bytes = 0;

  async of(wanted: Wanted): Promise<Document> {
    const key = this.#keyOf(wanted);
    const known = this.#documents.get(key);
    if (known) {
      this.#documents.delete(key);
      this.#documents.set(key, known);
      return known;
    }
    let inMaking = this.#inMaking.get(key);
    if (!inMaking) {
      inMaking = this.#make(key, wanted).finally(() => this.#inMaking.delete(key));
      this.#inMaking.set(key, inMaking);
    }
    return inMaking;
  }

  async hashOf(wanted: Wanted): Promise<string> {
    return this.#hashes.get(this.#keyOf(wanted)) ?? (await this.of(wanted)).hash;
  }

  async #make(key: string, { edition, about }: Wanted): Promise<Document> {
    const parts: OpenApiPart[] = [];
    await inSlices(about, ({ kind, version }) => parts.push(edition.part(kind, version)));
    const pieces = edition.join(parts);
    const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
    const document = { parts, pieces, length, hash: openApiHash(edition, parts) };
    this.#documents.set(key, document);
    this.#hashes.set(key, document.hash);
    this.#bytes += length;
    this.#letGo();
    return document;
  }

  /** One document stays, however large it is. */
  #letGo(): void {
    for (const [key, { length }] of this.#documents) {
      if (this.#bytes <= bytesMax || this.#documents.size === 1) break;
      this.#documents.delete(key);
      this.#bytes -= length;
    }
    for (const key of this.#hashes.keys()) {
      if (this.#hashes.size <= hashesMax) break;
      this.#hashes.delete(key);
    }
  }

  /** Kinds never change: another content is another object. */
  #keyOf({ name, about }: Wanted): string {
    let key = this.#keys.get(about);
    if (key === undefined) this.#keys.set(about, (key = about.map(({ kind }) => this.#numberOf(kind)).join()));
    return `${name} ${key}`;
  }

  #numberOf(kind: ServedKind): number {
    let number = this.#numbers.get(kind);
    if (number === undefined) this.#numbers.set(kind, (number = ++this.#numbered));
    return number;
  }
}
