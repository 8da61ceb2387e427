import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { authorize } from '#access';
import { openWorkspace } from '#account';
import { LogUnavailable, MemoryEventLog, MemorySnapshotStore } from '#stream';
import { clusterNameOf } from './cluster-name.ts';
import { House } from './house.ts';
import type { AccountDirectory } from './lineage.ts';
import { accounts, namespaces } from './kinds/tenancy-kinds.ts';
import { ada, openRoot } from './testing/open-root.ts';
import type { Workspace } from './workspaces.ts';

/** Counts how often each stream is read. */
class ReadLog extends MemoryEventLog {
  readonly reads = new Map<string, number>();

  override readStream(stream: string, from: bigint) {
    this.reads.set(stream, this.of(stream) + 1);
    return super.readStream(stream, from);
  }

  of(stream: string): number {
    return this.reads.get(stream) ?? 0;
  }
}

const by = { user: 'ada', userAgent: 'spec', fieldManager: 'spec', at: '2026-01-01T00:00:00.000Z', cause: 'spec' };
const directoryOf = (rows: Readonly<Record<string, { uid: string; creator: string }>>): AccountDirectory => ({
  find: async (parent, name) => rows[`${parent}/${name}`],
});

let log: ReadLog;
const houses: House[] = [];
const opened = async (directory?: AccountDirectory) => {
  const found = await openRoot({ log, ...(directory ? { directory } : {}) });
  houses.push(found.house);
  return found;
};
beforeEach(() => (log = new ReadLog()));
afterEach(() => Promise.all(houses.splice(0).map((house) => house.close())));

/** An Account and its workspace, as the policy opens it. */
async function account(house: House, parent: Workspace, name: string, creator = 'ada') {
  const body = { apiVersion: 'core.platform-mesh.io/v1alpha1', kind: 'Account', metadata: { name }, spec: { type: 'account' } };
  const author = { ...ada, user: creator };
  const write = { version: 'v1alpha1', namespace: '', author, dryRun: false, fieldValidation: 'Strict' as const, duplicateFields: [] };
  const outcome = await parent.create({ ...write, kind: accounts, body });
  if (outcome.type !== 'committed') throw new Error(`refused: ${JSON.stringify(outcome.refusal)}`);
  const { uid } = outcome.object;
  const cluster = clusterNameOf(uid);
  const path = `${parent.path}:${name}`;
  const owner = { cluster: parent.cluster, name, uid };
  await house.accounts.begin(cluster, (state) => openWorkspace({ cluster, path, owner, furniture: [], by }, state));
  const workspace = await house.open(path);
  if (!workspace) throw new Error(`${path} is not open`);
  return { workspace, uid, cluster };
}

async function aTree() {
  const { house, workspace: root } = await opened();
  const org = await account(house, root, 'org', 'olga');
  const shop = await account(house, org.workspace, 'shop', 'sam');
  const rows = { 'root/org': { uid: org.uid, creator: 'olga' }, [`${org.cluster}/shop`]: { uid: shop.uid, creator: 'sam' } };
  return { house, org, shop, rows };
}

/** Who of these may do everything there. */
const ownersIn = (workspace: Workspace | undefined): readonly string[] =>
  ['olga', 'sam', 'eve'].filter((user) => {
    const asked = { verb: 'delete', group: '', resource: 'secrets', namespace: 'default', name: 'x' };
    const identity = { user, groups: ['system:authenticated'], uid: '', extra: {} };
    return workspace && authorize(identity, asked, workspace.access()).type === 'allowed';
  });

it('finds a workspace and its owners by the view, without the accounts above it', async () => {
  const { org, shop, rows } = await aTree();
  const reads = log.of(`account-${org.cluster}`);
  const { house } = await opened(directoryOf(rows));
  const found = await house.open('root:org:shop');
  expect(found?.cluster).toBe(shop.cluster);
  expect(log.of(`account-${org.cluster}`)).toBe(reads);
  expect(ownersIn(found)).toEqual(['olga', 'sam']);
});

it('finds what the view does not have yet, and what it has wrong', async () => {
  const { shop, rows } = await aTree();
  const stale = { ...rows, 'root/org': { uid: 'of-one-that-is-gone', creator: 'eve' } };
  for (const directory of [directoryOf({}), directoryOf(stale), { find: () => Promise.reject(new Error('no views')) }]) {
    const found = await (await opened(directory)).house.open('root:org:shop');
    expect(found?.cluster).toBe(shop.cluster);
    expect(ownersIn(found)).toEqual(['olga', 'sam']);
  }
});

it('does not open what is only in the view', async () => {
  const { house } = await opened(directoryOf({ 'root/ghost': { uid: 'ghost', creator: 'eve' } }));
  expect(await house.open('root:ghost')).toBeUndefined();
});

it('begins an account without reading its stream', async () => {
  const { house, shop } = await aTree();
  expect(log.of(`account-${shop.cluster}`)).toBe(0);
  expect((await house.accounts.account(shop.cluster)).state.path).toBe('root:org:shop');
});

it('begins one that was there already as it was', async () => {
  const { org, shop } = await aTree();
  const { house } = await opened();
  const { cluster } = shop;
  const owner = { cluster: org.cluster, name: 'shop', uid: shop.uid };
  const again = await house.accounts.begin(cluster, (state) =>
    openWorkspace({ cluster, path: 'root:org:other', owner, furniture: [], by }, state),
  );
  expect(again.state.path).toBe('root:org:shop');
  expect(again.position).toBe(1n);
  expect(await log.head(`account-${cluster}`)).toBe(0n);
});

it('lets go of accounts while more come than may stay, without waiting for its next look', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const { house } = await openRoot({ log, loadedMax: 8 });
  houses.push(house);
  const brought = async (count: number, from: number): Promise<void> => {
    for (let index = from; index < from + count; index++) await house.accounts.account(`a${index}`);
  };
  await brought(20, 0);
  vi.advanceTimersByTime(1_100);
  await brought(1, 20);
  vi.advanceTimersByTime(300);
  expect(house.accounts.loadedCount).toBeLessThanOrEqual(8);
});

describe('an account that left memory while somebody had it in hand', () => {
  const given = async () => {
    vi.useFakeTimers();
    const { house } = await openRoot({ log, loadedMax: 1, soleWriter: false });
    const other = new House({ log, soleWriter: false, publicUrl: 'https://mesh.test', offers: async () => [] });
    houses.push(house, other);
    const inHand = await house.accounts.account('a');
    for (const name of ['b', 'c', 'd']) await house.accounts.account(name);
    vi.advanceTimersByTime(1_100);
    await house.accounts.account('e');
    vi.advanceTimersByTime(300);
    vi.useRealTimers();
    expect(house.accounts.loadedCount).toBe(1);
    const write = async () => {
      const account = await other.accounts.account('a');
      await account.submit((state) => openWorkspace({ cluster: 'a', path: 'root:a', owner: null, furniture: [], by }, state));
    };
    return { house, inHand, write };
  };

  it('is told what another process appends as soon as it is followed', async () => {
    const { inHand, write } = await given();
    let told = 0;
    inHand.follow((news) => void (told += news.length));
    await write();
    await expect.poll(() => told, { timeout: 20_000 }).toBe(1);
  });

  it('is told what was appended before', async () => {
    const { inHand, write } = await given();
    await write();
    let told = 0;
    inHand.follow((news) => void (told += news.length));
    await expect.poll(() => told, { timeout: 20_000 }).toBe(1);
  });

  it('is not followed where another stands in its place', async () => {
    const { house, inHand } = await given();
    await house.accounts.account('a');
    expect(() => inHand.follow(() => undefined)).toThrow(LogUnavailable);
  });
});

/** Tells nobody of anything by itself, as a log does that is out of reach for long. */
class SilentLog extends MemoryEventLog {
  override subscribeAll(_: bigint, signal: AbortSignal) {
    return this.subscribeStream('nobody', 0n, signal);
  }
}

it('loads an account anew, and ends its watches, where the log no longer has what it did not hear of', async () => {
  const quiet = new SilentLog();
  const snapshots = new MemorySnapshotStore();
  const writer = await openRoot({ log: quiet, snapshots }, ['a']);
  const late = new House({ log: quiet, snapshots, soleWriter: false, publicUrl: 'https://mesh.test', offers: async () => [] });
  houses.push(writer.house, late);
  const before = await late.open('root');
  let over = 0;
  const watched = { kind: namespaces, version: 'v1', namespace: '' };
  await before?.watch(watched, { events: () => undefined, ended: () => void (over += 1) });
  const write = { version: 'v1', author: ada, dryRun: false, fieldValidation: 'Strict' as const, duplicateFields: [] };
  for (const name of ['b', 'c']) {
    const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
    await writer.workspace.create({ ...write, kind: namespaces, namespace: '', body });
  }
  const root = await writer.house.accounts.account('root');
  await root.saveSnapshot();
  await quiet.truncate('account-root', root.position - 1n);
  await expect(late.open('root')).rejects.toThrow(LogUnavailable);
  expect(over).toBe(1);
  const after = await late.open('root');
  const listed = await after?.list(watched);
  expect(listed?.type === 'listed' && listed.items.map(({ name }) => name)).toEqual(expect.arrayContaining(['a', 'b', 'c']));
});
