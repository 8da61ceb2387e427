import { operationNames, type OperationForm, type OperationName, type OperationNames } from './kind-operations.ts';

/** Text that comes before a name, and which name: the last one has none. */
type Piece = { readonly text: string; readonly name: OperationName | undefined };

/**
 * The paths of a kind are most of what a document says of it, and those of all kinds of a form differ in names only: they are made
 * once, with a mark where each name stands, and filled in for each kind.
 */
export class PathTemplates {
  readonly #write: (form: OperationForm, names: OperationNames) => string;
  /** There are as many as kinds have combinations of verbs, scope and subresources: a handful. */
  readonly #templates = new Map<string, readonly Piece[]>();

  /** `write` makes JSON in which each name stands as it is. */
  constructor(write: (form: OperationForm, names: OperationNames) => string) {
    this.#write = write;
  }

  of(form: OperationForm, names: OperationNames): Uint8Array {
    const key = JSON.stringify(form);
    let template = this.#templates.get(key);
    if (template === undefined) this.#templates.set(key, (template = piecesOf(this.#write(form, marks))));
    return Buffer.from(template.map(({ text, name }) => (name === undefined ? text : text + names[name])).join(''));
  }
}

/** No name has a character of the private use area, and JSON does not escape one. */
const mark = '\ue000';
const marks = Object.fromEntries(operationNames.map((name) => [name, `${mark}${name}${mark}`])) as OperationNames;

function piecesOf(text: string): readonly Piece[] {
  const split = text.split(mark);
  return Array.from({ length: (split.length + 1) / 2 }, (_, index) => ({
    text: split[2 * index] ?? '',
    name: split[2 * index + 1] as OperationName | undefined,
  }));
}
