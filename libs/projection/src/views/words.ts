/** Words by which an object is found, and the words that somebody looks for: taken from text in the same way. */
const wordPattern = /[\p{L}\p{N}]+/gu;
const wordCharactersMax = 64;

/** The words of a text, in lower case. */
export function wordsOf(text: string): string[] {
  return (text.toLowerCase().match(wordPattern) ?? []).map((word) => word.slice(0, wordCharactersMax).toWellFormed());
}

/** Adds up the words of texts, as far as there is room. */
export class WordList {
  readonly #words = new Set<string>();
  #charactersLeft: number;

  constructor(charactersMax: number) {
    this.#charactersLeft = charactersMax;
  }

  add(text: string): void {
    if (this.#charactersLeft <= 0) return;
    for (const word of wordsOf(text.slice(0, this.#charactersLeft))) this.#words.add(word);
    this.#charactersLeft -= text.length;
  }

  /** Every text that stands in a JSON value, keys aside. */
  addAll(value: unknown): void {
    if (typeof value === 'string') this.add(value);
    else if (typeof value !== 'object' || value === null) return;
    else for (const each of Object.values(value)) if (this.#charactersLeft > 0) this.addAll(each);
  }

  toString(): string {
    return [...this.#words].join(' ');
  }
}
