import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { encodeEvent, type AccountEvent } from '#account';
import type { KubeObject } from '#kube';
import { MemoryEventArchive, MemoryEventLog } from '#stream';
import { ObjectHistory, type HistoryEntry, type HistoryIndex } from './object-history.ts';
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

type State = readonly [type: 'ResourceDeclared' | 'SpecRevised' | 'ResourceRemoved', content: object];

/** What else happens in the account stands between the changes of the object. */
async function given(states: readonly State[], { between = 0 } = {}) {
  const log = new MemoryEventLog();
  const lives: bigint[] = [];
  const key = { group: '', resource: 'secrets', namespace: 'default', name: 'db' };
  let revision = -1n;
  let was: string | undefined;
  const happened = async (type: State[0], content: object, of = key): Promise<void> => {
    const metadata = { name: of.name, resourceVersion: `${revision + 2n}` };
    const object: KubeObject = { apiVersion: 'v1', kind: 'Secret', metadata, ...content };
    const before = of === key && was !== undefined ? { was } : {};
    const at = new Date(Date.UTC(2026, 10, 23, 8, 0, Number(revision + 1n))).toISOString();
    const event: AccountEvent = { type, key: of, uid: 'u', object, ...before, by: { ...by, at } };
    const data = encodeEvent(event, { seal: () => 'sealed', open: () => undefined });
    await log.append('account-c1', revision++, [{ id: randomUUID(), type, data }]);
    if (of !== key) return;
    was = type === 'ResourceRemoved' ? undefined : `${revision + 1n}`;
    if (type === 'ResourceRemoved') lives.unshift(revision);
  };
  for (const [type, content] of states) {
    await happened(type, content);
    for (let other = 0; other < between; other++) await happened('SpecRevised', {}, { ...key, name: 'other' });
  }
  const ends = was === undefined ? lives : [BigInt(was) - 1n, ...lives];
  const index: HistoryIndex = {
    lives: async (_, below) => ends.filter((last, at) => below === undefined || last < below || !((ends[at + 1] ?? -1n) >= below)),
  };
  const archive = new MemoryEventArchive();
  return { log, archive, history: new ObjectHistory(index, log, archive), place: { cluster: 'c1', key } };
}

describe('the history of an object', () => {
  it('tells who changed what, and never a secret', async () => {
    const { history, place } = await given([
      ['ResourceDeclared', { type: 'Opaque', data: { p: 'aHVudGVyMg==' } }],
      ['SpecRevised', { type: 'Other', data: { p: 'c2VjcmV0', q: '' } }],
    ]);
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
    const { history, place, log, archive } = await given([
      ['ResourceDeclared', { type: 'A' }],
      ['SpecRevised', { type: 'B' }],
      ['ResourceRemoved', { type: 'B' }],
    ]);
    expect(await history.at(place, 0n)).toMatchObject({ type: 'found', object: { type: 'A' } });
    expect(await history.at(place, 9n)).toMatchObject({ type: 'removed', object: { type: 'B' } });
    expect(await history.at(place, -1n)).toEqual({ type: 'nothing' });
    const first = await Array.fromAsync(log.readStream('account-c1', 0n));
    await log.truncate('account-c1', 1n);
    expect(await history.at(place, 0n)).toEqual({ type: 'nothing' });
    expect(await history.entries({ ...place, limit: 3 })).toMatchObject([{ diff: { changes: [] } }, { diff: null }]);
    await archive.keep(first.slice(0, 1));
    expect(await history.at(place, 0n)).toMatchObject({ type: 'found', object: { type: 'A' } });
  });

  it('goes through all of its lives, page by page, however much lies between', async () => {
    const life: readonly State[] = [
      ['ResourceDeclared', { type: 'A' }],
      ['SpecRevised', { type: 'B' }],
      ['ResourceRemoved', { type: 'B' }],
    ];
    for (const between of [0, 3, 40]) {
      const { history, place } = await given([...life, ...life, ...life.slice(0, 2)], { between });
      const all = await history.entries({ ...place, limit: 200 });
      expect(all.map(({ type }) => type)).toEqual([...life, ...life, ...life.slice(0, 2)].map(([type]) => type).reverse());
      const paged: HistoryEntry[] = [];
      for (let below: bigint | undefined; ;) {
        const page = await history.entries({ ...place, limit: 1, ...(below === undefined ? {} : { below }) });
        if (page.length === 0) break;
        paged.push(...page);
        below = page.at(-1)?.revision;
      }
      expect(paged).toEqual(all);
      const [, newest, removed] = all;
      expect(await history.entries({ ...place, limit: 1, below: (newest?.revision ?? 0n) - 1n * BigInt(between > 0) })).toEqual([removed]);
      const second = all.slice(2, 5);
      const [to, , from] = second;
      expect(await history.entries({ ...place, limit: 9, from: from?.at ?? '', to: to?.at ?? '' })).toEqual(second);
      expect(await history.at(place, to?.at ?? '')).toMatchObject({ type: 'removed', row: { revision: to?.revision } });
    }
  });
});
