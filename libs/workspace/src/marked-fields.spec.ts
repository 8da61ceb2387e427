import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JsonObject, KubeObject, ServedKind } from '#kube';
import { MemoryEventLog, MemorySnapshotStore } from '#stream';
import { memoryKeys } from '#keys';
import type { House } from './house.ts';
import { builtinKind } from './kinds/kind-table.ts';
import { ada as author, openRoot } from './testing/open-root.ts';
import type { Workspace, WriteOutcome } from './workspaces.ts';

// What a schema marks with `format: password` stands in clear in the account's memory, and nowhere else.

const secret = 'xQ7vPlanted';
const write = { version: 'v1', namespace: '', author, dryRun: false, fieldValidation: 'Strict' as const, duplicateFields: [] };
const definitions = builtinKind('customresourcedefinitions.apiextensions.k8s.io');

function definition(pin: JsonObject): KubeObject {
  const spec = { type: 'object', properties: { pin, size: { type: 'integer' } } };
  const openAPIV3Schema = {
    type: 'object',
    properties: { spec: { ...spec, 'x-kubernetes-validations': [{ rule: 'true', message: 'never' }] } },
  };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'doors.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Cluster',
      names: { plural: 'doors', kind: 'Door' },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema } }],
    },
  };
}

const plain = { type: 'string', maxLength: 20 };
const marked = { ...plain, format: 'password' };

let log: MemoryEventLog;
let house: House;
let workspace: Workspace;
const stores = () => ({ log, snapshots: new MemorySnapshotStore(), keys: memoryKeys() });

beforeEach(async () => {
  log = new MemoryEventLog();
  ({ house, workspace } = await openRoot(stores()));
});
afterEach(() => house.close());

async function define(pin: JsonObject): Promise<void> {
  const known = await workspace.get({ kind: definitions, version: 'v1', namespace: '', name: 'doors.example.com' });
  const body = definition(pin);
  const at = { ...body, metadata: { ...body.metadata, resourceVersion: String(known?.position ?? '') } };
  const outcome = known
    ? await workspace.update({ ...write, kind: definitions, name: 'doors.example.com', body: at })
    : await workspace.create({ ...write, kind: definitions, body });
  if (outcome.type === 'refused') throw new Error(JSON.stringify(outcome.refusal));
  workspace = (await house.open('root')) as Workspace;
}

const doors = (): ServedKind => workspace.served().find(({ resource }) => resource === 'doors') as ServedKind;
const body = (pin: unknown, spec: object = {}): KubeObject =>
  ({ apiVersion: 'example.com/v1', kind: 'Door', metadata: { name: 'front' }, spec: { pin, ...spec } }) as KubeObject;
const create = (pin: unknown, more: object = {}) => workspace.create({ ...write, kind: doors(), body: body(pin), ...more });
const patch = (change: unknown) =>
  workspace.patch({ ...write, kind: doors(), name: 'front', patch: { type: 'merge', patch: change, duplicateFields: [] } });
const pinOf = async (): Promise<unknown> =>
  ((await workspace.get({ kind: doors(), version: 'v1', namespace: '', name: 'front' }))?.object.spec as JsonObject)['pin'];

async function written(): Promise<readonly string[]> {
  const texts: string[] = [];
  for await (const { data } of log.readStream('account-root', 0n)) texts.push(data);
  return texts;
}

describe('a marked field', () => {
  beforeEach(() => define(marked));

  it('is read as it was written, and stands sealed in the log from the first event to the last', async () => {
    expect((await create(secret)).type).toBe('committed');
    expect(await pinOf()).toBe(secret);
    await patch({ spec: { size: 2 } });
    await patch({ metadata: { labels: { a: 'b' } } });
    expect(await pinOf()).toBe(secret);
    await workspace.delete({ ...write, kind: doors(), name: 'front', preconditions: {}, propagation: undefined } as never);
    const texts = (await written()).filter((text) => text.includes('"doors"') && text.includes('"front"'));
    expect(texts).toHaveLength(4);
    for (const text of texts) expect(text).toContain('"sealed":');
    expect(texts.join('\n')).not.toContain(secret);
  });

  it('costs no key where a creation is refused, or only tried', async () => {
    await create('x'.repeat(21));
    await create(secret, { dryRun: true });
    const { keys } = house.accounts;
    expect((await keys.load('root')).size).toBe(0);
    await create(secret);
    expect((await keys.load('root')).size).toBe(1);
  });

  it('is not repeated by a refusal, whichever way it was sent', async () => {
    const long = `${secret}${secret}!`;
    const told = (outcome: WriteOutcome): string => JSON.stringify([outcome.type, outcome.type === 'refused' ? outcome.refusal : '']);
    await create(secret);
    const json = { type: 'json' as const, operations: [{ op: 'replace', path: '/spec/pin', value: long }] };
    const config = { type: 'apply' as const, config: body({ [secret]: 1 }), force: true };
    const refusals = [
      await create(long),
      await create([secret]),
      await create(secret, { body: body(secret, { unknown: 1 }) }),
      await patch({ spec: { pin: long } }),
      await patch({ spec: { unknown: 1 } }),
      await workspace.patch({ ...write, kind: doors(), name: 'front', patch: json }),
      await workspace.patch({ ...write, kind: doors(), name: 'front', patch: config }),
    ].map(told);
    for (const text of refusals) {
      expect(text).toContain('"refused"');
      expect(text).not.toContain(secret);
    }
    expect(refusals[0]).toContain('Too long');
  });
});

it('is sealed from the next write on where the schema comes to mark it, and stays so where it no longer does', async () => {
  await define(plain);
  await create(secret);
  const before = (await written()).length;
  await define(marked);
  await patch({ metadata: { labels: { a: 'b' } } });
  await define(plain);
  await patch({ metadata: { labels: { a: 'c' } } });
  const later = (await written()).slice(before).filter((text) => text.includes('"front"'));
  expect(later).toHaveLength(2);
  for (const text of later) expect(text).not.toContain(secret);
  expect(await pinOf()).toBe(secret);
});

it('is read again by another process, from a snapshot and from the log', async () => {
  const shared = stores();
  await house.close();
  log = new MemoryEventLog();
  ({ house, workspace } = await openRoot({ ...shared, log }));
  await define(marked);
  await create(secret);
  await (await house.accounts.account('root')).saveSnapshot();
  await patch({ spec: { size: 3 } });
  await house.close();
  ({ house, workspace } = await openRoot({ ...shared, log }));
  expect(await pinOf()).toBe(secret);
  await patch({ spec: { size: 4 } });
  expect((await written()).filter((text) => text.includes('"front"')).join()).not.toContain(secret);
});
