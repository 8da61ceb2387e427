import { expect, it } from 'vitest';
import { readObjects, type ReadItem } from './read-objects.ts';

async function* inPieces(text: string, size: number): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const read = (text: string, size = 7): Promise<ReadItem[]> => Array.fromAsync(readObjects(inPieces(text, size)));
const named = (name: string, more = {}) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, ...more });

it('reads YAML documents whatever they hold, across any division into pieces', async () => {
  const text = [
    '# a remark',
    '---',
    'apiVersion: v1',
    'kind: ConfigMap',
    'metadata: {name: a}',
    'data:',
    '  text: |',
    '    ---',
    '    ü\u2028x',
    '# left out: this',
    '---',
    '# nothing',
    '--- {apiVersion: v1, kind: ConfigMap, metadata: {name: b}}',
    '---',
    JSON.stringify(named('c', { big: 1 })).replace('1}', '9007199254740993}'),
    '',
  ].join('\n');
  const wanted = [named('a', { data: { text: '---\nü\u2028x\n' } }), named('b'), named('c', { big: 9007199254740993n })];
  for (const size of [1, 3, 1000]) expect((await read(text, size)).map((item) => item.type === 'object' && item.object)).toEqual(wanted);
});

it('reads JSON lines, JSON on many lines, and lists', async () => {
  const [a, b] = [named('a'), named('b')];
  const names = async (text: string) => (await read(text)).map((item) => item.type === 'object' && item.object.metadata.name);
  expect(await names(`${JSON.stringify(a)}\n${JSON.stringify(b)}\n`)).toEqual(['a', 'b']);
  expect(await names(JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [a, b] }, null, 2))).toEqual(['a', 'b']);
  expect(await names('')).toEqual([]);
});

it('says where something stands that is no object', async () => {
  const text = [
    '---',
    'apiVersion: v1',
    '---',
    'a: [',
    '---',
    'apiVersion: v1',
    'kind: X',
    'metadata: {labels: {}}',
    '---',
    'a: 1',
    'a: 2',
  ].join('\n');
  expect(await read(text)).toMatchObject([
    { type: 'unreadable', line: 2, reason: 'it has no apiVersion or no kind' },
    { type: 'unreadable', line: 4, reason: expect.stringContaining('error converting YAML to JSON') },
    { type: 'unreadable', line: 6, reason: 'X has no name' },
    { type: 'unreadable', line: 10, reason: 'a stands there twice' },
  ]);
});
