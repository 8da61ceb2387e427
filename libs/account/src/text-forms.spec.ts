import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TextForms } from './text-forms.ts';

/** An object as many of its kind are. */
const widget = (serial: number, more: object = {}): string =>
  JSON.stringify({
    apiVersion: 'example.com/v1',
    kind: 'Widget',
    metadata: {
      name: `widget-${serial}`,
      uid: `00000000-0000-4000-8000-${String(serial).padStart(12, '0')}`,
      creationTimestamp: `2026-11-23T17:14:${10 + (serial % 50)}Z`,
      managedFields: [{ manager: 'somebody', time: `2026-11-23T17:14:${10 + (serial % 50)}Z`, fieldsV1: { 'f:spec': { 'f:note': {} } } }],
      resourceVersion: String(serial),
    },
    spec: { note: 'The same with all of them, and longer than what differs. '.repeat(4), replicas: serial % 7, ...more },
  });

/** Every text as it comes back, and what was kept of it: undefined where it was kept as it is. */
function kept(texts: readonly string[]) {
  const forms = new TextForms();
  return texts.map((text) => {
    const formed = forms.take('widgets', text);
    return { values: formed?.values, back: formed ? formed.form.textOf(formed.values) : text };
  });
}

describe('what texts have in common', () => {
  it('is kept once, and gives every text back as it was', () => {
    const texts = Array.from({ length: 200 }, (_, serial) => widget(serial));
    const all = kept(texts);
    expect(all.map(({ back }) => back)).toEqual(texts);
    for (const [index, { values }] of all.slice(50).entries()) expect(values?.length).toBeLessThan((texts[50 + index]?.length ?? 0) / 4);
  });

  it('is learnt anew where another value turns out to differ', () => {
    const texts = [
      ...Array.from({ length: 80 }, (_, serial) => widget(serial)),
      ...[1, 2, 3].map((note) => widget(note, { note: `${note}` })),
    ];
    expect(kept(texts).map(({ back }) => back)).toEqual(texts);
    expect(kept(texts).at(-1)?.values).toBeDefined();
  });

  it('is looked for no longer where every text is another', () => {
    const texts = Array.from({ length: 500 }, (_, serial) => widget(serial, { [`field-${serial}`]: { [`of-${serial}`]: true } }));
    expect(kept(texts).every(({ values, back }, index) => values === undefined && back === texts[index])).toBe(true);
    const forms = new TextForms();
    for (const text of texts) forms.take('widgets', text);
    for (let serial = 0; serial < 10; serial++) expect(forms.take('widgets', widget(serial))).toBeUndefined();
  });

  it('is kept of some hundred resources at the same time', () => {
    const forms = new TextForms();
    const formed = [0, 1, 2].map((serial) => forms.take('widgets', widget(serial))).at(-1);
    for (let resource = 0; resource < 499; resource++) forms.take(`of ${resource}`, widget(0));
    expect(forms.take('widgets', widget(3))).toBeDefined();
    forms.take('one more', widget(0));
    expect(forms.take('widgets', widget(4))).toBeUndefined();
    expect(formed?.form.textOf(formed.values)).toBe(widget(2));
  });

  it('leaves short texts as they are, and very long ones', () => {
    const forms = new TextForms();
    for (const text of ['{"a":1}', JSON.stringify({ a: 'x'.repeat(10_000) })])
      expect([forms.take('widgets', text), forms.take('widgets', text)]).toEqual([undefined, undefined]);
  });

  it('gives back any JSON, whatever stands in it', () => {
    const leaf = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('', '"', '\\', '","', '\0', '\u0001', '1', '":'),
      fc.integer(),
      fc.double(),
    );
    const texts = fc
      .array(fc.tuple(leaf, leaf, leaf, fc.boolean()), { minLength: 3, maxLength: 12 })
      .map((all) => all.map(([a, b, c, last]) => JSON.stringify({ a, pad: 'x'.repeat(256), b: [b, a], ...(last ? { c } : {}) })));
    fc.assert(
      fc.property(texts, (all) => {
        expect(kept(all).map(({ back }) => back)).toEqual(all);
      }),
      { numRuns: 200 },
    );
  });
});
