/** A JSON document in a row, as its text: it holds nothing of the event that it was made of, and is stored as it stands. */
export class JsonText {
  readonly text: string;

  constructor(document: object) {
    this.text = JSON.stringify(document);
  }
}
