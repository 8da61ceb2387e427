/** A mistake in the text, found while it is read. */
export class Misuse extends Error {
  /** Offset in UTF-16 units. */
  readonly at: number;
  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}
