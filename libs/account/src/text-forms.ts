/** A text without what it has in common with others of its form. */
export type FormedText = { readonly form: TextForm; readonly values: string };

const [lengthMin, lengthMax] = [256, 8_192];
/** Objects of one resource differ in shape as they go through their lives, and by who wrote to them. */
const formsMax = 8;
/** So many texts of a resource may fit nowhere, beside those that do, until no more are tried. */
const missesMax = 64;
/** Of so many resources at the same time, some ten kilobytes each. */
const resourcesMax = 500;

/**
 * The JSON texts of many objects of one resource differ in a few values only; names of fields and of who manages them are most of it. What they
 * have in common is kept once here, so that each keeps some hundred characters instead of thousands. Never ask for what holds secrets: some
 * values of the first texts stay for as long as the process lives.
 */
export class TextForms {
  readonly #families = new Map<string, Family>();

  /** What is left of a text of this resource; undefined where it is to be kept as it is. */
  take(resource: string, text: string): FormedText | undefined {
    if (text.length < lengthMin || text.length > lengthMax) return undefined;
    const family = this.#families.get(resource) ?? this.#begin(resource);
    if (family.misses > missesMax + family.hits) return undefined;
    for (const form of family.forms) {
      const values = form.valuesOf(text);
      if (values === undefined) continue;
      family.hits += 1;
      return { form, values };
    }
    family.misses += 1;
    learn(family.forms, text);
    return undefined;
  }

  /** When it is full, all is learnt anew: what was taken keeps its form. */
  #begin(resource: string): Family {
    if (this.#families.size >= resourcesMax) this.#families.clear();
    const family = { forms: [], hits: 0, misses: 0 };
    this.#families.set(resource, family);
    return family;
  }
}

type Family = { readonly forms: TextForm[]; hits: number; misses: number };

/** Where two texts differ in values only, these are what differs in their form, until another text says more. */
function learn(forms: TextForm[], text: string): void {
  const parts = partsOf(text);
  for (const [index, form] of forms.entries()) {
    const wider = form.widened(parts);
    if (!wider) continue;
    forms[index] = wider;
    return;
  }
  if (forms.length < formsMax) forms.push(new TextForm(parts));
}

/** What stands between the values, one more than there are values; and these, as they are written. */
type Parts = { readonly between: readonly string[]; readonly values: readonly string[] };

/** A string or a number, with the colon behind it where it is a field's name. */
const token = /"(?:[^"\\]|\\.)*":?|-?\d[\d.eE+-]*/g;

function partsOf(text: string): Parts {
  const [between, values]: [string[], string[]] = [[], []];
  let from = 0;
  for (const { 0: found, index } of text.matchAll(token)) {
    if (found.endsWith(':')) continue;
    between.push(copied(text.slice(from, index)));
    values.push(copied(found));
    from = index + found.length;
  }
  between.push(copied(text.slice(from)));
  return { between, values };
}

// JSON has no characters below this one but as escapes, and these few between its parts.
const separator = '\0';
/** A value that stands there already, often the time, is kept as the character of its place, counted from 1. These are no JSON. */
const sameMax = 8;

export class TextForm {
  readonly #parts: Parts;
  /** By the place of a value: whether texts of this form have different ones. */
  readonly #differs: readonly boolean[];
  /** What all have alike: one more than there are differing values. */
  readonly #alike: readonly string[];

  constructor(parts: Parts, differs = parts.values.map(() => false)) {
    this.#parts = parts;
    this.#differs = differs;
    const alike = [parts.between[0] ?? ''];
    for (const [index, value] of parts.values.entries()) {
      const behind = parts.between[index + 1] ?? '';
      if (differs[index]) alike.push(behind);
      else alike.push(`${alike.pop()}${value}${behind}`);
    }
    this.#alike = alike.map(copied);
  }

  /** A form for these as well; undefined where more than values differ. */
  widened({ between, values }: Parts): TextForm | undefined {
    const known = this.#parts;
    if (between.length !== known.between.length || between.some((part, index) => part !== known.between[index])) return undefined;
    return new TextForm(
      known,
      this.#differs.map((differs, index) => differs || values[index] !== known.values[index]),
    );
  }

  /** Undefined where the text is of another form. Whatever stands between what all have alike, in this order, makes the text again. */
  valuesOf(text: string): string | undefined {
    const alike = this.#alike;
    const first = alike[0] ?? '';
    const last = alike.length - 1;
    if (last === 0 || !text.startsWith(first)) return undefined;
    const values: string[] = [];
    const kept: string[] = [];
    let at = first.length;
    for (let index = 1; index <= last; index++) {
      const part = alike[index] ?? '';
      const end = index < last ? text.indexOf(part, at) : text.length - part.length;
      if (end < at) return undefined;
      const value = text.slice(at, end);
      const same = values.indexOf(value);
      kept.push(same >= 0 && same < sameMax ? String.fromCharCode(same + 1) : value);
      values.push(value);
      at = end + part.length;
    }
    return text.endsWith(alike[last] ?? '') ? kept.join(separator) : undefined;
  }

  textOf(kept: string): string {
    const values = kept.split(separator);
    let text = this.#alike[0] ?? '';
    for (const [index, value] of values.entries()) {
      const first = value.charCodeAt(0);
      if (first <= sameMax) values[index] = values[first - 1] ?? '';
      text += `${values[index]}${this.#alike[index + 1]}`;
    }
    return text;
  }
}

/** A part of a text holds all of it in memory, unless it is copied. */
const copied = (part: string): string => Buffer.from(part).toString();
