import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MemoryEventLog, MemorySnapshotStore } from '#stream';
import { House } from '../house.ts';
import { namespaces } from '../kinds/tenancy-kinds.ts';
import { ada as author, openRoot } from '../testing/open-root.ts';
import type { Selector, WatchEvent, WatchOutcome, Workspace } from '../workspaces.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const at = { kind: namespaces, version: 'v1', namespace: '' };

let log: MemoryEventLog;
let snapshots: MemorySnapshotStore;
let house: House;
let workspace: Workspace;

function aHouse(): House {
  return new House({ log, snapshots, soleWriter: true, publicUrl: 'https://mesh.test', offers: async () => [] });
}

beforeEach(async () => {
  log = new MemoryEventLog();
  snapshots = new MemorySnapshotStore();
  ({ house, workspace } = await openRoot({ log, snapshots }));
});
afterEach(() => house.close());

async function create(name: string, labels: Record<string, string> = {}): Promise<bigint> {
  const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } };
  const outcome = await workspace.create({ ...at, author, dryRun: false, fieldValidation: 'Strict', body, duplicateFields: [] });
  if (outcome.type !== 'committed') throw new Error(JSON.stringify(outcome.refusal));
  return outcome.object.position;
}

async function label(name: string, labels: Record<string, string | null>): Promise<void> {
  const patch = { type: 'merge' as const, patch: { metadata: { labels } }, duplicateFields: [] };
  await workspace.patch({ ...at, name, author, dryRun: false, fieldValidation: 'Warn', patch });
}

async function remove(name: string): Promise<void> {
  await workspace.delete({ ...at, name, author, dryRun: false, propagation: 'Background' });
  const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name }, spec: {} };
  const request = { ...at, name, author, dryRun: false, fieldValidation: 'Warn', body, duplicateFields: [] } as const;
  await workspace.update({ ...request, subresource: 'finalize' });
}

/** A watch that notes what it is told. */
async function watch(from: { readonly after?: bigint; readonly selector?: Selector }, over: Workspace = workspace) {
  const events: WatchEvent[] = [];
  const arrived = { count: 0, wake: Promise.withResolvers<void>() };
  const outcome = await over.watch(
    { ...at, ...from },
    {
      events(batch) {
        events.push(...batch);
        arrived.wake.resolve();
        arrived.wake = Promise.withResolvers();
      },
      ended: () => undefined,
    },
  );
  const told = async (count: number): Promise<string[]> => {
    while (events.length < count) await arrived.wake.promise;
    return events.map(({ type, object, position }) => `${type} ${object.name} ${position}`);
  };
  return { outcome, told, events };
}

const initialOf = (outcome: WatchOutcome): string[] => (outcome.type === 'watching' ? (outcome.initial ?? []).map(({ name }) => name) : []);

describe('watching a workspace', () => {
  it('begins with what is there, sorted, and goes on with every change in order', async () => {
    await create('b');
    await create('a');
    const { outcome, told } = await watch({});
    expect(initialOf(outcome)).toEqual(['a', 'b']);
    await create('c');
    await label('a', { x: '1' });
    await remove('b');
    expect(await told(4)).toEqual(['ADDED c 4', 'MODIFIED a 5', 'MODIFIED b 6', 'DELETED b 7']);
  });

  it('resumes behind any position, from memory and from the log alike', async () => {
    const first = await create('a');
    await create('b');
    await label('a', { x: '1' });
    await remove('b');
    const resumed = await watch({ after: first });
    const expected = ['ADDED b 3', 'MODIFIED a 4', 'MODIFIED b 5', 'DELETED b 6'];
    expect(await resumed.told(4)).toEqual(expected);
    // A process that has just loaded the account has nothing of its past in memory.
    const another = await aHouse().open('root');
    if (!another) throw new Error('root is open');
    expect(await (await watch({ after: first }, another)).told(4)).toEqual(expected);
  });

  it.each([['memory'], ['the log']])('turns a selector’s transitions into ADDED and DELETED, from %s', async (source) => {
    const start = await create('a');
    await create('b', { x: '1' });
    await label('a', { x: '1' });
    await label('a', { y: '2' });
    await label('a', { x: null });
    await remove('b');
    const over = source === 'memory' ? workspace : await aHouse().open('root');
    const { told, events } = await watch({ after: start, selector: ({ labels }) => labels['x'] === '1' }, over);
    expect(await told(6)).toEqual(['ADDED b 3', 'ADDED a 4', 'MODIFIED a 5', 'DELETED a 6', 'MODIFIED b 7', 'DELETED b 8']);
    // As it was when it was last selected, with the version of the change that took it out.
    expect(events[3]?.object.object.metadata).toMatchObject({ labels: { x: '1', y: '2' }, resourceVersion: '6' });
    expect(JSON.parse(events[3]?.object.text ?? '')).toEqual(events[3]?.object.object);
  });

  it('says that history was truncated', async () => {
    await create('a');
    await create('b');
    await (await house.accounts.account('root')).saveSnapshot();
    await log.truncate('account-root', 2n);
    const another = await aHouse().open('root');
    await expect(another && watch({ after: 1n }, another)).resolves.toMatchObject({ outcome: { type: 'expired', oldest: 2n } });
  });

  it('waits in silence for a position from the future', async () => {
    const { told } = await watch({ after: 3n });
    await create('a');
    await create('b');
    await create('c');
    expect(await told(1)).toEqual(['ADDED c 4']);
  });
});

describe('listing a workspace', () => {
  it('answers an earlier position as it was then', async () => {
    await create('a');
    const then = await create('b');
    await create('c');
    await remove('a');
    const outcome = await workspace.list({ ...at, at: then });
    expect(outcome.type === 'listed' && outcome.items.map(({ name, position }) => `${name} ${position}`)).toEqual(['a 2', 'b 3']);
  });
});

it('holds nothing of the past once that is told', async () => {
  const begin = await create('a');
  await label('a', { x: '1' });
  const account = await house.accounts.account('root');
  const after = account.recentAfter.bind(account);
  let past: WeakRef<object> | undefined;
  vi.spyOn(account, 'recentAfter').mockImplementation((position) => {
    const changes = after(position);
    past = changes && new WeakRef(changes);
    return changes;
  });
  const { outcome, told } = await watch({ after: begin });
  expect(await told(1)).toHaveLength(1);
  vi.restoreAllMocks();
  await vi.waitUntil(() => (collectGarbage(), past?.deref() === undefined), { timeout: 20_000, interval: 50 });
  await label('a', { x: '2' });
  expect(await told(2)).toHaveLength(2);
  if (outcome.type === 'watching') outcome.stop();
});
