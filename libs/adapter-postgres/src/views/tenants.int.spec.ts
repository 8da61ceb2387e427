import { describe, expect, it, onTestFinished } from 'vitest';
import type { AccountEvent } from '#account';
import type { KubeObject } from '#kube';
import { historyView, livenessView } from '#projection';
import type { View } from '#projection';
import { openDataSource } from '../schema/data-source.ts';
import { testPostgres } from '../testing/test-postgres.ts';
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
  /** `second`: of one minute. */
  const happened = async (type: Type, second: number, { uid = 'u1', answers = 0, user = 'ada\0' } = {}): Promise<void> => {
    const at = `2026-11-23T08:00:${String(second).padStart(2, '0')}.123Z`;
    const by = { user, userAgent: 'kubectl', fieldManager: 'apply', at, cause: 'audit' };
    const object: KubeObject = {
      apiVersion: 'demo.test/v1',
      kind: 'Gadget',
      metadata: { name: 'web', generation: 1 },
      status: { observedGeneration: answers },
    };
    const was = revision === 0n ? {} : { was: `${revision}` };
    const provider = { cluster: 'p1', export: 'gadgets.io', identityHash: 'h' };
    const sequence = answers > 0 ? { sequence: '1' } : {};
    const event = { type, key, uid, object, provider, ...was, ...sequence, by } as AccountEvent;
    for (const view of [historyView, livenessView] as readonly View[]) {
      const { epoch } = await store.lead(view.table);
      await store.apply(view, view.changes({ cluster: 'c1', position: revision + 1n, revision, event }), {
        epoch,
        position: revision + 1n,
      });
    }
    revision += 1n;
  };
  return { happened, history: new PostgresHistory(dataSource), liveness: new PostgresLiveness(dataSource) };
}

describe('the history of an object', () => {
  it('is listed newest first, between two times, page by page', async () => {
    const { happened, history } = await given();
    await happened('ResourceDeclared', 1);
    await happened('SpecRevised', 2);
    await happened('StatusReported', 3);
    await happened('ResourceRemoved', 4);
    const all = await history.entries({ ...place, limit: 10 });
    expect(all.map(({ type, revision, was }) => [type, revision, was])).toEqual([
      ['ResourceRemoved', 3n, 2n],
      ['StatusReported', 2n, 1n],
      ['SpecRevised', 1n, 0n],
      ['ResourceDeclared', 0n, null],
    ]);
    expect(all[3]).toMatchObject({ ...key, at: '2026-11-23T08:00:01.123Z', user: 'ada\ufffd', position: 1n, generation: 1 });
    const types = async (query: object): Promise<string[]> =>
      (await history.entries({ ...place, limit: 10, ...query })).map(({ type }) => type);
    expect(await types({ below: 2n, limit: 1 })).toEqual(['SpecRevised']);
    expect(await types({ from: '2026-11-23T08:00:02Z', to: '2026-11-23T09:00:03.200+01:00' })).toEqual(['StatusReported', 'SpecRevised']);
    expect(await types({ cluster: 'c2' })).toEqual([]);
  });

  it('knows the change at or before a moment', async () => {
    const { happened, history } = await given();
    await happened('ResourceDeclared', 10);
    await happened('SpecRevised', 20);
    const revisionAt = async (moment: string | bigint) => (await history.entryAt(place, moment))?.revision;
    expect(await revisionAt('2026-11-23T08:00:15Z')).toBe(0n);
    expect(await revisionAt('2026-11-23T08:00:20.123Z')).toBe(1n);
    expect(await revisionAt('2026-11-23T08:00:09Z')).toBeUndefined();
    expect([await revisionAt(0n), await revisionAt(7n)]).toEqual([0n, 1n]);
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
