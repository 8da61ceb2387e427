import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { formatOf } from './formats.ts';

/** Texts, and which of them Kubernetes' own code accepts in each format; written by test/conformance/format-vectors. */
type Cases = { readonly formats: readonly string[]; readonly texts: readonly string[] };

const vectors = (file: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../../../test/conformance/format-vectors/${file}`, import.meta.url), 'utf8'));
const { formats, texts } = vectors('cases.json') as Cases;
const answers = vectors('answers.json') as Readonly<Record<string, string>>;

describe('a format accepts what upstream accepts', () => {
  it.each(formats)('%s', (name) => {
    const format = formatOf(name);
    if (!format) throw new Error(`${name} is not checked`);
    const accepted = (is: (text: string, index: number) => boolean): readonly string[] => texts.filter(is);
    expect(accepted((text) => format.accepts(text))).toEqual(accepted((_, index) => answers[name]?.[index] === '1'));
  });
});
