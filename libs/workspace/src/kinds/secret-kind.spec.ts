import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { memoryKeys } from '#keys';
import { tableColumns, tableRow, type KubeObject } from '#kube';
import { MemoryEventLog, MemorySnapshotStore } from '#stream';
import type { House } from '../house.ts';
import { ada as author, openRoot } from '../testing/open-root.ts';
import type { Patch, Workspace, WriteOutcome } from '../workspaces.ts';
import { secrets } from './core-kinds.ts';

const write = { version: 'v1', author, dryRun: false, fieldValidation: 'Strict' as const };
const base64 = (text: string): string => Buffer.from(text).toString('base64');

let log: MemoryEventLog;
let snapshots: MemorySnapshotStore;
let keys: ReturnType<typeof memoryKeys>;
let house: House;
let workspace: Workspace;

beforeEach(async () => {
  [log, snapshots, keys] = [new MemoryEventLog(), new MemorySnapshotStore(), memoryKeys()];
  await start('n');
});
afterEach(() => house.close());

async function start(...names: readonly string[]): Promise<void> {
  ({ house, workspace } = await openRoot({ log, snapshots, keys }, names));
}

const request = (name: string, more: object) => {
  const body: KubeObject = { apiVersion: 'v1', kind: 'Secret', metadata: { name }, ...more };
  return { ...write, kind: secrets, namespace: 'n', name, body, duplicateFields: [] };
};
const create = (name: string, more: object) => workspace.create(request(name, more));
const update = (name: string, more: object) => workspace.update(request(name, more));
const patch = (name: string, change: Patch) => workspace.patch({ ...write, kind: secrets, namespace: 'n', name, patch: change });
const merge = (name: string, change: object) => patch(name, { type: 'merge', patch: change, duplicateFields: [] });
const get = async (name: string) => (await workspace.get({ kind: secrets, version: 'v1', namespace: 'n', name }))?.object;

async function committed(outcome: Promise<WriteOutcome>): Promise<KubeObject> {
  const settled = await outcome;
  if (settled.type !== 'committed') throw new Error(JSON.stringify(settled));
  return settled.object.object;
}

async function causesOf(outcome: Promise<WriteOutcome>): Promise<readonly (readonly [string, string])[]> {
  const settled = await outcome;
  if (settled.type !== 'refused' || settled.refusal.type !== 'ObjectInvalid') throw new Error(JSON.stringify(settled));
  return settled.refusal.causes.map(({ field, message }) => [field, message]);
}

/** All that stands in the log and the snapshots. */
async function written(): Promise<string> {
  const texts: string[] = [];
  for await (const { data } of log.readAll(0n)) texts.push(data);
  texts.push((await snapshots.load('account-root'))?.text ?? '');
  return texts.join('\n');
}

describe('a Secret', () => {
  it('takes texts, which it keeps as bytes, and is Opaque unless it says otherwise', async () => {
    const made = await committed(create('a', { data: { x: 'AAE=', y: 'b2xk' }, stringData: { y: 'new', z: 'ü' } }));
    expect(made).toMatchObject({ type: 'Opaque', data: { x: 'AAE=', y: base64('new'), z: base64('ü') } });
    expect(made).not.toHaveProperty('stringData');
    expect(JSON.stringify(made.metadata.managedFields)).not.toContain('stringData');
    expect((await committed(merge('a', { stringData: { x: 'one' } })))['data']).toMatchObject({ x: base64('one'), z: base64('ü') });
    expect(await committed(create('empty', {}))).not.toHaveProperty('data');
  });

  it('is refused where its bytes are none, in words that do not repeat them', async () => {
    const outcome = await create('a', { data: { x: 'hunter2!' } });
    expect(outcome).toMatchObject({
      refusal: { message: 'Secret in version "v1" cannot be handled as a Secret: illegal base64 data at input byte 7' },
    });
    expect(JSON.stringify(outcome)).not.toContain('hunter2');
  });

  it.each([
    ['kubernetes.io/tls', {}, ['data[tls.crt]', 'data[tls.key]']],
    ['kubernetes.io/dockercfg', {}, ['data[.dockercfg]']],
    ['kubernetes.io/dockerconfigjson', {}, ['data[.dockerconfigjson]']],
    ['kubernetes.io/basic-auth', {}, ['data[username]', 'data[password]']],
    ['kubernetes.io/ssh-auth', { 'ssh-privatekey': '' }, ['data[ssh-privatekey]']],
    ['kubernetes.io/service-account-token', {}, ['metadata.annotations[kubernetes.io/service-account.name]']],
  ])('of type %s has what that needs', async (type, stringData, fields) => {
    expect(await causesOf(create('a', { type, stringData }))).toEqual(fields.map((field) => [field, 'Required value']));
  });

  it.each([
    ['kubernetes.io/tls', { 'tls.crt': 'c', 'tls.key': 'k' }],
    ['kubernetes.io/dockercfg', { '.dockercfg': '{}' }],
    ['kubernetes.io/dockerconfigjson', { '.dockerconfigjson': '{"auths":{}}' }],
    ['kubernetes.io/basic-auth', { password: '' }],
    ['kubernetes.io/ssh-auth', { 'ssh-privatekey': 'k' }],
    ['helm.sh/release.v1', {}],
  ])('of type %s is made of that', async (type, stringData) => {
    expect((await create('a', { type, stringData })).type).toBe('committed');
  });

  it('with a configuration that is no JSON is refused without a word of it', async () => {
    expect(await causesOf(create('a', { type: 'kubernetes.io/dockerconfigjson', stringData: { '.dockerconfigjson': 'hunter2' } }))).toEqual(
      [['data[.dockerconfigjson]', 'Invalid value: "<secret contents redacted>": must be a JSON object']],
    );
  });

  it('keeps its type, its keys in order, a mebibyte, and all of it once it is immutable', async () => {
    await create('a', { stringData: { x: '1' }, immutable: true });
    const frozen = 'Forbidden: field is immutable when `immutable` is set';
    expect(await causesOf(update('a', { type: 'x', stringData: { x: '2' } }))).toEqual([
      ['type', 'Invalid value: "x": field is immutable'],
      ['immutable', frozen],
      ['data', frozen],
    ]);
    expect(await causesOf(create('b', { data: { 'a b': '' } }))).toMatchObject([['data[a b]', expect.stringContaining('config key')]]);
    expect((await create('b', { stringData: { x: 'x'.repeat(1_048_576) } })).type).toBe('committed');
    expect(await causesOf(create('c', { stringData: { x: 'x'.repeat(1_048_577) } }))).toEqual([
      ['data', 'Too long: may not be more than 1048576 bytes'],
    ]);
  });

  it('is applied, with the owner of what stands in stringData as upstream has it', async () => {
    const config: KubeObject = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a' }, stringData: { x: '1' } } as KubeObject;
    const applied = await committed(patch('a', { type: 'apply', config, force: false }));
    expect(applied).toMatchObject({ type: 'Opaque', data: { x: base64('1') } });
    const again = await committed(patch('a', { type: 'apply', config, force: false }));
    expect(again.metadata.resourceVersion).toBe(applied.metadata.resourceVersion);
  });

  it('shows its type and how much it holds', async () => {
    const made = await committed(create('a', { stringData: { x: '1', y: '2' } }));
    const columns = tableColumns(secrets.versions[0]!);
    expect(columns.definitions.map(({ name }) => name)).toEqual(['Name', 'Type', 'Data', 'Age']);
    expect(tableRow(columns, made, 'None', { now: Date.now(), version: 'v1' }).cells.slice(0, 3)).toEqual(['a', 'Opaque', '2']);
  });
});

describe('what a Secret holds', () => {
  const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';

  it('stands nowhere in clear: not in the log, not in a snapshot', async () => {
    const annotations = { [lastApplied]: '{"stringData":{"p":"hunter2"}}' };
    await committed(create('a', { metadata: { name: 'a', annotations }, stringData: { p: 'hunter2' } }));
    await committed(update('a', { metadata: { name: 'a', annotations }, stringData: { p: 'hunter2', q: 'hunter22' } }));
    await committed(patch('a', { type: 'json', operations: [{ op: 'add', path: '/metadata/labels', value: { x: 'y' } }] }));
    await (await house.accounts.account('root')).saveSnapshot();
    const text = await written();
    expect(text).toContain('"labels":{"x":"y"}');
    for (const form of ['hunter2', base64('hunter2'), base64('hunter22')]) expect(text).not.toContain(form);
    await workspace.delete({ ...write, kind: secrets, namespace: 'n', name: 'a', propagation: 'Background' });
    expect(await written()).not.toContain(base64('hunter2'));
  });

  it('is there again after a restart, from the log and from a snapshot', async () => {
    const annotations = { [lastApplied]: 'kept' };
    const made = await committed(create('a', { metadata: { name: 'a', annotations }, stringData: { p: 'hunter2' } }));
    await house.close();
    await start();
    expect(await get('a')).toEqual(made);
    await (await house.accounts.account('root')).saveSnapshot();
    const changed = await committed(merge('a', { stringData: { q: 'more' } }));
    await house.close();
    await start();
    expect(await get('a')).toEqual(changed);
  });

  it('is seen by a watch that comes late, until its key is destroyed', async () => {
    const { uid = '', resourceVersion = '' } = (await committed(create('a', { stringData: { p: 'hunter2' } }))).metadata;
    await workspace.delete({ ...write, kind: secrets, namespace: 'n', name: 'a', propagation: 'Background' });
    await house.close();
    await start();
    expect(await pastData(BigInt(resourceVersion))).toEqual({ p: base64('hunter2') });
    await (await house.accounts.account('root')).keys.destroy(uid);
    expect(await pastData(BigInt(resourceVersion))).toBeUndefined();
    await house.close();
    await start();
    expect(await pastData(BigInt(resourceVersion))).toBeUndefined();
  });

  it('says so where its key is gone, can be deleted then, and leaves its neighbours alone', async () => {
    const { uid = '' } = (await committed(create('lost', { stringData: { p: 'hunter2' } }))).metadata;
    await committed(create('whole', { stringData: { p: '1' } }));
    await house.close();
    await keys.destroy('root', uid);
    await start();
    const gone = 'secrets "lost" cannot be read: the key that its secrets were sealed with is gone; it can be deleted, and created anew';
    await expect(get('lost')).rejects.toThrow(gone);
    await expect(update('lost', { stringData: { p: 'new' } })).rejects.toThrow(gone);
    await expect(merge('lost', { metadata: { labels: { a: 'b' } } })).rejects.toThrow(gone);
    expect((await get('whole'))?.['data']).toEqual({ p: base64('1') });
    expect((await committed(merge('whole', { stringData: { p: '2' } })))['data']).toEqual({ p: base64('2') });
    const listed = await workspace.list({ kind: secrets, version: 'v1', namespace: 'n' });
    expect(listed.type === 'listed' && listed.items.map(({ name, object }) => [name, 'data' in object])).toEqual([
      ['lost', false],
      ['whole', true],
    ]);
    const removal = { ...write, kind: secrets, namespace: 'n', name: 'lost', propagation: 'Background' } as const;
    expect((await workspace.delete(removal)).type).toBe('removed');
    expect((await committed(create('lost', { stringData: { p: 'new' } })))['data']).toEqual({ p: base64('new') });
  });

  async function pastData(position: bigint): Promise<unknown> {
    const record = await (await house.accounts.account('root')).past.recordAt(position);
    return record?.object['data'];
  }

  it('leaves no key behind where it was refused or only tried', async () => {
    const made = await committed(create('a', { stringData: { p: '1' } }));
    await create('a', { stringData: { p: '2' } });
    await create('B', { stringData: { p: '2' } });
    await workspace.create({ ...request('c', { stringData: { p: '2' } }), dryRun: true });
    await Promise.all([create('d', {}), create('d', {}), create('d', {})]);
    const kept = [made.metadata.uid, (await get('d'))?.metadata.uid].sort();
    expect([...(await keys.load('root')).keys()].sort()).toEqual(kept);
  });
});
