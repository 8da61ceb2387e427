import { describe, expect, it, onTestFinished } from 'vitest';
import type { AccountEvent } from '#account';
import type { KubeObject } from '#kube';
import { accountsView, historyView, livenessView, resourcesView, ViewPositions } from '#projection';
import type { View } from '#projection';
import { MemoryEventLog } from '#stream';
import { openDataSource } from '../schema/data-source.ts';
import { testPostgres } from '../testing/test-postgres.ts';
import { PostgresAccountDirectory } from './postgres-account-directory.ts';
import { PostgresHistory } from './postgres-history.ts';
import { PostgresLiveness } from './postgres-liveness.ts';
import { PostgresViewStore } from './postgres-view-store.ts';

const key = { group: 'demo.test', resource: 'gadgets', namespace: 'default', name: 'web' };
const place = { cluster: 'c1', key };
type Type = 'ResourceDeclared' | 'SpecRevised' | 'StatusReported' | 'ResourceRemoved';

async function given() {
  const dataSource = await openDataSource((await testPostgres()).url);
  onTestFinished(() => dataSource.destroy());
  const store = new PostgresViewStore(dataSource);
  let revision = 0n;
  const waiting: (() => Promise<void>)[] = [];
  const catchUp = async (): Promise<void> => {
    for (const change of waiting.splice(0)) await change();
  };
  /** `second`: of one minute. `late`: a view that sees it when it catches up. */
  const happened = async (type: Type, second: number, { uid = 'u1', answers = 0, user = 'ada\0', late = '' } = {}): Promise<void> => {
    const at = `2026-11-23T08:00:${String(second).padStart(2, '0')}.123Z`;
    const by = { user, userAgent: 'kubectl', fieldManager: 'apply', at, cause: 'audit' };
    const object: KubeObject = {
      apiVersion: 'demo.test/v1',
      kind: 'Gadget',
      metadata: { name: 'web', generation: 1, resourceVersion: `${revision + 1n}` },
      status: { observedGeneration: answers },
    };
    const was = revision === 0n ? {} : { was: `${revision}` };
    const provider = { cluster: 'p1', export: 'gadgets.io', identityHash: 'h' };
    const sequence = answers > 0 ? { sequence: '1' } : {};
    const event = { type, key, uid, object, provider, ...was, ...sequence, by } as AccountEvent;
    const happening = { cluster: 'c1', position: revision + 1n, revision, event };
    for (const view of [historyView, resourcesView, livenessView] as readonly View[]) {
      const change = async (): Promise<void> => {
        const { epoch } = await store.lead(view.table);
        await store.apply(view, view.changes(happening), { epoch, position: happening.position });
      };
      if (view.table === late) waiting.push(change);
      else await change();
    }
    revision += 1n;
  };
  const history = new PostgresHistory(dataSource, new ViewPositions(store, new MemoryEventLog()));
  return { happened, catchUp, history, liveness: new PostgresLiveness(dataSource) };
}

describe('the history of an object', () => {
  it('is found by the ends of its lives', async () => {
    const { happened, history } = await given();
    expect(await history.lives(place)).toEqual([]);
    await happened('ResourceDeclared', 1);
    expect(await history.lives(place)).toEqual([0n]);
    await happened('SpecRevised', 2);
    await happened('ResourceRemoved', 3);
    expect(await history.lives(place)).toEqual([2n]);
    await happened('ResourceDeclared', 4);
    await happened('ResourceRemoved', 5);
    await happened('ResourceDeclared', 6);
    await happened('StatusReported', 7);
    expect(await history.lives(place)).toEqual([6n, 4n, 2n]);
    const below = (revision: bigint) => history.lives(place, revision);
    expect([await below(9n), await below(6n), await below(5n), await below(4n), await below(2n)]).toEqual([
      [6n, 4n, 2n],
      [6n, 4n, 2n],
      [6n, 4n, 2n],
      [4n, 2n],
      [2n],
    ]);
    expect(await history.lives({ ...place, cluster: 'c2' })).toEqual([]);
  });

  it.each([['history'], ['resources']])('is never empty for a moment where the view %s sees its end later', async (late) => {
    const { happened, catchUp, history } = await given();
    await happened('ResourceDeclared', 1);
    await happened('SpecRevised', 2);
    await happened('ResourceRemoved', 3, { late });
    const asked = [history.lives(place), history.lives(place, 2n), history.lives(place, 1n)];
    await new Promise(setImmediate);
    await catchUp();
    const [newest = [], above = [], within = []] = await Promise.all(asked);
    expect(newest[0]).toBe(2n);
    for (const [revisions, below] of [
      [above, 2n],
      [within, 1n],
    ] as const) {
      expect(revisions[0]).toBeGreaterThanOrEqual(below - 1n);
      expect(revisions.filter((revision) => revision >= below).length).toBeLessThanOrEqual(1);
    }
    await happened('ResourceDeclared', 4);
    await happened('ResourceRemoved', 5, { late });
    const again = history.lives(place);
    await new Promise(setImmediate);
    await catchUp();
    expect((await again).filter((revision) => revision === 4n || revision === 2n)).toEqual([4n, 2n]);
  });
});

describe('whether a provider answers', () => {
  it('shows since when it owes an answer, and whom', async () => {
    const { happened, liveness } = await given();
    const of = async () => (await liveness.all('p1'))[0];
    expect(await of()).toBeUndefined();
    await happened('ResourceDeclared', 1);
    await happened('ResourceDeclared', 2, { uid: 'u2' });
    const first = { cluster: 'c1', uid: 'u1', at: '2026-11-23T08:00:01.123Z' };
    expect(await of()).toEqual({
      providerCluster: 'p1',
      providerExport: 'gadgets.io',
      lastReport: null,
      waiting: 2,
      oldestOrder: first,
      silentSince: '2026-11-23T08:00:01.123Z',
    });
    await happened('StatusReported', 5, { uid: 'u1', answers: 1 });
    expect(await of()).toMatchObject({ waiting: 1, lastReport: '2026-11-23T08:00:05.123Z', silentSince: '2026-11-23T08:00:05.123Z' });
    await happened('StatusReported', 6, { uid: 'u2', answers: 1 });
    expect(await of()).toMatchObject({ waiting: 0, oldestOrder: null, silentSince: null, lastReport: '2026-11-23T08:00:06.123Z' });
    expect(await liveness.all('p2')).toEqual([]);
  });
});

describe('where Accounts stand', () => {
  it('is told by the workspace and the name, until they are removed', async () => {
    const dataSource = await openDataSource((await testPostgres()).url);
    onTestFinished(() => dataSource.destroy());
    const store = new PostgresViewStore(dataSource);
    const directory = new PostgresAccountDirectory(dataSource);
    const { epoch } = await store.lead('accounts');
    const happened = async (type: 'ResourceDeclared' | 'ResourceRemoved', position: bigint): Promise<void> => {
      const account = { group: 'core.platform-mesh.io', resource: 'accounts', namespace: '', name: 'acme' };
      const object = {
        apiVersion: 'core.platform-mesh.io/v1alpha1',
        kind: 'Account',
        metadata: { name: 'acme' },
        spec: { creator: 'ada' },
      };
      const by = { user: 'ada', userAgent: 'kubectl', fieldManager: 'apply', at: '2026-11-23T08:00:00.000Z', cause: 'audit' };
      const event = { type, key: account, uid: 'u1', object, by } as AccountEvent;
      const changes = accountsView.changes({ cluster: 'c1', position, revision: position, event });
      await store.apply(accountsView as View, changes, { epoch, position });
    };
    expect(await directory.find('c1', 'acme')).toBeUndefined();
    await happened('ResourceDeclared', 1n);
    expect(await directory.find('c1', 'acme')).toEqual({ uid: 'u1', creator: 'ada' });
    expect(await directory.find('c2', 'acme')).toBeUndefined();
    await happened('ResourceRemoved', 2n);
    expect(await directory.find('c1', 'acme')).toBeUndefined();
  });
});
