import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { tableColumns, tableRow, type KubeObject, type ServedKind } from '#kube';
import type { House } from '../house.ts';
import { ada as author, openRoot } from '../testing/open-root.ts';
import type { Patch, Workspace } from '../workspaces.ts';
import { configMaps, serviceAccounts } from './core-kinds.ts';
import { namespaces } from './tenancy-kinds.ts';

const write = { version: 'v1', author, dryRun: false, fieldValidation: 'Strict' as const };

let house: House;
let workspace: Workspace;

beforeEach(async () => {
  ({ house, workspace } = await openRoot({}, ['n']));
});
afterEach(() => house.close());

const namespaceOf = (kind: ServedKind): string => (kind.namespaced ? 'n' : '');

function create(kind: ServedKind, name: string, more: object = {}) {
  const body: KubeObject = { apiVersion: 'v1', kind: kind.kind, metadata: { name }, ...more };
  return workspace.create({ ...write, kind, namespace: namespaceOf(kind), body, duplicateFields: [] });
}

function update(kind: ServedKind, name: string, more: object, subresource?: 'finalize') {
  const body: KubeObject = { apiVersion: 'v1', kind: kind.kind, metadata: { name }, ...more };
  const request = { ...write, kind, namespace: namespaceOf(kind), name, body, duplicateFields: [] };
  return workspace.update(subresource === undefined ? request : { ...request, subresource });
}

const patch = (kind: ServedKind, name: string, patch: Patch) =>
  workspace.patch({ ...write, kind, namespace: namespaceOf(kind), name, patch });

async function causesOf(outcome: ReturnType<typeof create>): Promise<readonly (readonly [string, string])[]> {
  const { type, ...rest } = await outcome;
  if (type !== 'refused' || !('refusal' in rest) || rest.refusal.type !== 'ObjectInvalid') throw new Error(`was ${type}`);
  return rest.refusal.causes.map(({ field, message }) => [field, message]);
}

describe('a ConfigMap', () => {
  it('refuses a strategic patch that makes something else of it: the patch is what is invalid', async () => {
    await create(configMaps, 'a', { data: { x: '1' } });
    expect(await patch(configMaps, 'a', { type: 'strategic', patch: { data: 'x' }, duplicateFields: [] })).toMatchObject({
      refusal: {
        type: 'ObjectInvalid',
        kind: '',
        causes: [{ field: 'patch', message: 'Invalid value: "map[data:x]": cannot restore map from string' }],
      },
    });
  });

  it('holds texts and bytes under keys that do not meet', async () => {
    expect(await create(configMaps, 'a', { data: { 'x.y': '1' }, binaryData: { z: 'AAE=' } })).toMatchObject({ type: 'committed' });
    expect(await causesOf(create(configMaps, 'b', { data: { x: '1' }, binaryData: { x: 'AAE=' } }))).toEqual([
      ['data[x]', 'Invalid value: "x": duplicate of key present in binaryData'],
    ]);
  });

  it.each([
    ['a b', /^Invalid value: "a b": a valid config key must consist of/],
    ['..', /^Invalid value: "\.\.": must not be '\.\.'/],
    ['..a', /must not start with '\.\.'/],
    ['k'.repeat(254), /must be no more than 253 characters/],
  ])('has no key %s', async (key, message) => {
    expect(await causesOf(create(configMaps, 'a', { data: { [key]: '' } }))).toEqual([[`data[${key}]`, expect.stringMatching(message)]]);
  });

  it('takes empty bytes, and no bytes that are not in base64', async () => {
    expect(await create(configMaps, 'a', { binaryData: { x: '', y: 'AA\n==' } })).toMatchObject({
      object: { object: { binaryData: { x: '', y: 'AA==' } } },
    });
    expect(await create(configMaps, 'b', { binaryData: { x: '?' } })).toMatchObject({
      refusal: { message: 'ConfigMap in version "v1" cannot be handled as a ConfigMap: illegal base64 data at input byte 0' },
    });
  });

  it('holds a mebibyte at most', async () => {
    const half = 'x'.repeat(524_288);
    expect((await create(configMaps, 'a', { data: { a: half, b: half } })).type).toBe('committed');
    expect(await causesOf(create(configMaps, 'b', { data: { a: half, b: half }, binaryData: { c: 'AA==' } }))).toEqual([
      ['', 'Too long: may not be more than 1048576 bytes'],
    ]);
  });

  it('stays as it is once it is immutable', async () => {
    await create(configMaps, 'a', { data: { x: '1' }, immutable: true });
    const frozen = 'Forbidden: field is immutable when `immutable` is set';
    expect(await causesOf(update(configMaps, 'a', { data: { x: '2' } }))).toEqual([
      ['immutable', frozen],
      ['data', frozen],
    ]);
    expect((await update(configMaps, 'a', { data: { x: '1' }, immutable: true })).type).toBe('committed');
  });

  it('is overwritten without a resourceVersion, has no generation, and is not written again for nothing', async () => {
    await create(configMaps, 'a', { data: { x: '1' } });
    const first = await update(configMaps, 'a', { data: { y: '2' } });
    const second = await update(configMaps, 'a', { data: { y: '2' } });
    if (first.type !== 'committed' || second.type !== 'committed') throw new Error('refused');
    expect(first.object.object).toMatchObject({ data: { y: '2' } });
    expect(first.object.object.metadata.generation).toBeUndefined();
    expect(second.object.position).toBe(first.object.position);
  });

  it('shows how many entries it has', async () => {
    const outcome = await create(configMaps, 'a', { data: { x: '1', y: '2' }, binaryData: { z: 'AA==' } });
    if (outcome.type !== 'committed' || !configMaps.versions[0]) throw new Error('refused');
    const columns = tableColumns(configMaps.versions[0]);
    expect(columns.definitions.map(({ name }) => name)).toEqual(['Name', 'Data', 'Age']);
    expect(tableRow(columns, outcome.object.object, 'None', { now: Date.now(), version: 'v1' }).cells.slice(0, 2)).toEqual(['a', '3']);
  });
});

describe('a ServiceAccount', () => {
  it('merges its secrets by their names', async () => {
    await create(serviceAccounts, 'a', { secrets: [{ name: 'x' }] });
    const change = { secrets: [{ name: 'y' }], imagePullSecrets: [{ name: 'p' }] };
    const outcome = await patch(serviceAccounts, 'a', { type: 'strategic', patch: change, duplicateFields: [] });
    expect(outcome).toMatchObject({
      object: { object: { secrets: [{ name: 'y' }, { name: 'x' }], imagePullSecrets: [{ name: 'p' }] } },
    });
  });
});

describe('a Namespace', () => {
  const merge = (patched: object) => patch(namespaces, 'n', { type: 'merge', patch: patched, duplicateFields: [] });

  it('keeps its name in a label', async () => {
    expect(await merge({ metadata: { labels: { 'kubernetes.io/metadata.name': null, x: 'y' } } })).toMatchObject({
      object: { object: { metadata: { labels: { 'kubernetes.io/metadata.name': 'n', x: 'y' } } } },
    });
  });

  it('is let go of by /finalize alone', async () => {
    await merge({ spec: { finalizers: ['example.com/mine'] } });
    const at = { kind: namespaces, version: 'v1', namespace: '', name: 'n' };
    expect((await workspace.get(at))?.object.spec).toEqual({ finalizers: ['kubernetes'] });
    await update(namespaces, 'n', { spec: { finalizers: ['kubernetes', 'example.com/mine'] } }, 'finalize');
    expect((await workspace.get(at))?.object.spec).toEqual({ finalizers: ['kubernetes', 'example.com/mine'] });
    await workspace.delete({ ...at, author, dryRun: false, propagation: 'Background' });
    await update(namespaces, 'n', {}, 'finalize');
    expect(await workspace.get(at)).toBeUndefined();
  });
});
