/**
 * A JSON document in a row, as its text: it holds nothing of the event that it was made of, and a store puts it beside the row's other
 * columns, so that it is read once. A row as JSON is without it. One column of a view at most.
 */
export class JsonText {
  readonly text: string;

  constructor(document: object) {
    this.text = JSON.stringify(document);
  }

  toJSON(): undefined {
    return undefined;
  }
}
