import { expect, test, vi } from 'vitest';
import { ObjectRecord } from './object-record.ts';
import { TextForms } from './text-forms.ts';

const long = 'The same with all of them. '.repeat(20);

function recordOf(resource: string, serial: number): ObjectRecord {
  const key = { group: '', resource, namespace: 'default', name: `one-${serial}` };
  const object = { apiVersion: 'v1', kind: 'Any', metadata: { name: key.name }, data: { long, own: `value of ${serial}` } };
  return ObjectRecord.of(object, { key, uid: `uid-${serial}`, position: 1n, provider: undefined, sequence: undefined });
}

test('a record that was shortened has the text, the length and the object that it had', () => {
  const records = Array.from({ length: 50 }, (_, serial) => recordOf('configmaps', serial));
  const before = records.map(({ text, length, object }) => ({ text, length, object }));
  for (const record of records) record.shorten();
  expect(records.map((record) => record.textOnce())).toEqual(before.map(({ text }) => text));
  expect(records.map(({ length }) => length)).toEqual(before.map(({ length }) => length));
  expect(records.map(({ object }) => object)).toEqual(before.map(({ object }) => object));
  expect(records.map(({ text }) => text)).toEqual(before.map(({ text }) => text));
});

test('a text is made once for whoever asks for it, and anew for who will not ask again', () => {
  const [, , record] = [0, 1, 2].map((serial) => {
    const one = recordOf('widgets', serial);
    one.shorten();
    return one;
  });
  expect(record?.text).toContain('value of 2');
  expect(record?.text).toBe(record?.textOnce());
});

test('what holds secrets keeps its text to itself', () => {
  const take = vi.spyOn(TextForms.prototype, 'take');
  for (const resource of ['secrets', 'configmaps']) recordOf(resource, 1).shorten();
  expect(take.mock.calls.map(([resource]) => resource)).toEqual(['configmaps']);
});
