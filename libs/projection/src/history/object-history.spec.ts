import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { encodeEvent, type AccountEvent } from '#account';
import type { KubeObject } from '#kube';
import { MemoryEventArchive, MemoryEventLog } from '#stream';
import { historyView, type HistoryRow } from '../views/history.ts';
import { ObjectHistory, type HistoryIndex } from './object-history.ts';
import { structuralDiff } from './structural-diff.ts';

const by = { user: 'ada', userAgent: 'kubectl', fieldManager: 'kubectl', at: '2026-11-23T08:00:00.000Z', cause: 'audit' };

describe('what is different', () => {
  it('is told field by field', () => {
    expect(structuralDiff({ a: 1, b: { c: [1, 2] }, gone: true }, { a: 2, b: { c: [1, 3, 4] }, new: {} })).toEqual({
      changes: [
        { path: ['a'], before: 1, after: 2 },
        { path: ['b', 'c', '1'], before: 2, after: 3 },
        { path: ['b', 'c', '2'], after: 4 },
        { path: ['gone'], before: true },
        { path: ['new'], after: {} },
      ],
      more: false,
    });
  });

  it('follows items by their names, wherever they stand', () => {
    const ready = (status: string) => ({ type: 'Ready', status });
    const synced = { type: 'Synced', status: 'True' };
    expect(structuralDiff({ conditions: [ready('False'), synced] }, { conditions: [synced, ready('True')] }).changes).toEqual([
      { path: ['conditions', 'type=Ready', 'status'], before: 'False', after: 'True' },
    ]);
  });

  it('is bounded', () => {
    const many = Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`f${index}`, index]));
    const diff = structuralDiff({}, many);
    expect([diff.changes.length, diff.more]).toEqual([100, true]);
    expect(structuralDiff({ text: 'x' }, { text: 'y'.repeat(2_000) }).changes).toEqual([{ path: ['text'], before: 'x', shortened: true }]);
  });
});

async function given(...states: readonly (readonly [type: 'ResourceDeclared' | 'SpecRevised' | 'ResourceRemoved', content: object])[]) {
  const log = new MemoryEventLog();
  const rows: HistoryRow[] = [];
  const key = { group: '', resource: 'secrets', namespace: 'default', name: 'db' };
  for (const [index, [type, content]] of states.entries()) {
    const metadata = { name: 'db', resourceVersion: `${index + 1}` };
    const object: KubeObject = { apiVersion: 'v1', kind: 'Secret', metadata, ...content };
    const event: AccountEvent = { type, key, uid: 'u', object, ...(index > 0 ? { was: `${index}` } : {}), by };
    const data = encodeEvent(event, { seal: () => 'sealed', open: () => undefined });
    await log.append('account-c1', BigInt(index) - 1n, [{ id: randomUUID(), type, data }]);
    for (const change of historyView.changes({ cluster: 'c1', position: BigInt(index + 1), revision: BigInt(index), event }))
      if (change.type === 'put') rows.unshift(change.row as HistoryRow);
  }
  const index: HistoryIndex = {
    entries: async ({ limit }) => rows.slice(0, limit),
    entryAt: async (_, moment) => rows.find(({ revision }) => typeof moment === 'bigint' && revision <= moment),
  };
  const archive = new MemoryEventArchive();
  return { log, archive, history: new ObjectHistory(index, log, archive), place: { cluster: 'c1', key } };
}

describe('the history of an object', () => {
  it('tells who changed what, and never a secret', async () => {
    const { history, place } = await given(
      ['ResourceDeclared', { type: 'Opaque', data: { p: 'aHVudGVyMg==' } }],
      ['SpecRevised', { type: 'Other', data: { p: 'c2VjcmV0', q: '' } }],
    );
    const entries = await history.entries({ ...place, limit: 10 });
    expect(entries).toMatchObject([
      {
        type: 'SpecRevised',
        was: 0n,
        revision: 1n,
        user: 'ada',
        diff: { changes: [{ path: ['type'], before: 'Opaque', after: 'Other' }] },
      },
      { type: 'ResourceDeclared', was: null, revision: 0n },
    ]);
    expect(JSON.stringify(entries)).not.toMatch(/aHVudGVyMg|c2VjcmV0|sealed/);
  });

  it('shows the object as it was, and what is gone', async () => {
    const { history, place, log, archive } = await given(
      ['ResourceDeclared', { type: 'A' }],
      ['SpecRevised', { type: 'B' }],
      ['ResourceRemoved', { type: 'B' }],
    );
    expect(await history.at(place, 0n)).toMatchObject({ type: 'found', object: { type: 'A' } });
    expect(await history.at(place, 9n)).toMatchObject({ type: 'removed', object: { type: 'B' } });
    expect(await history.at(place, -1n)).toEqual({ type: 'nothing' });
    const first = await Array.fromAsync(log.readStream('account-c1', 0n));
    await log.truncate('account-c1', 1n);
    expect(await history.at(place, 0n)).toMatchObject({ type: 'gone', row: { revision: 0n } });
    expect(await history.entries({ ...place, limit: 3 })).toMatchObject([{ diff: { changes: [] } }, { diff: null }, { diff: null }]);
    await archive.keep(first.slice(0, 1));
    expect(await history.at(place, 0n)).toMatchObject({ type: 'found', object: { type: 'A' } });
  });
});
