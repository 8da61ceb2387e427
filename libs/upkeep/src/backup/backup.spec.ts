import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Keys, MemoryKeyStore, newMasterKeyLine, parseMasterKeys } from '#keys';
import { MemoryCheckpointStore, MemoryEventLog, MemorySnapshotStore, noRevision, type EventLog } from '#stream';
import type { Holdings } from '../holdings.ts';
import { backUp } from './back-up.ts';
import { AppendingLogWriter } from './log-writer.ts';
import { restore } from './restore.ts';

const masterKeys = parseMasterKeys(newMasterKeyLine());

async function given() {
  const folder = await mkdtemp(join(tmpdir(), 'tributary-backup-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const log = new MemoryEventLog();
  const snapshots = new MemorySnapshotStore();
  const streams: string[] = [];
  const holdings: Holdings = {
    checkpoints: async () => new Map([['policy', 4n]]),
    async *snapshotStreams() {
      yield* streams;
    },
    copyView: () => Promise.reject(new Error('no views here')),
  };
  const happened = async (stream: string, ...texts: string[]): Promise<void> => {
    const events = texts.map((text) => ({ id: randomUUID(), type: 'Happened', data: JSON.stringify({ text }) }));
    await log.append(stream, await log.head(stream), events);
  };
  return {
    folder,
    log,
    snapshots,
    streams,
    happened,
    source: { folder, log, snapshots, holdings, keyStore: new MemoryKeyStore(), positions: 'counted' as const, topicPrefix: 'mesh' },
  };
}

async function restored(folder: string, until = {}, keyStore = new MemoryKeyStore()) {
  const log = new MemoryEventLog();
  const checkpoints = new MemoryCheckpointStore();
  const snapshots = new MemorySnapshotStore();
  const outcome = await restore({
    folder,
    until,
    log,
    writerOf: () => new AppendingLogWriter(log),
    snapshots,
    checkpoints,
    keyStore,
    masterKeys,
    topics: { prefix: 'mesh', follower: 'to topics' },
  });
  return { log, outcome, checkpoints, snapshots };
}

const told = async (log: EventLog, stream: string, from = 0n) =>
  (await Array.fromAsync(log.readStream(stream, from))).map(({ revision, data }) => [
    revision,
    (JSON.parse(data) as { text: string }).text,
  ]);

describe('a backup that is restored by appending', () => {
  it('has every event at its revision, in the order of before, and followers where they had come to', async () => {
    const { folder, log, happened, source } = await given();
    await happened('schema-a', 'a0', 'a1');
    await happened('schema-b', 'b0 \u2028 "漢" \0');
    await happened('schema-a', 'a2', 'a3');
    await backUp(source);
    const { log: copy, checkpoints } = await restored(folder);
    expect(await Array.fromAsync(copy.readAll(0n))).toEqual(await Array.fromAsync(log.readAll(0n)));
    // The fourth was appended together with the fifth: the third is the last of which the place is known.
    expect(await checkpoints.load('policy')).toBe(3n);
  });

  it('keeps revisions where the beginning was forgotten, or went between two runs', async () => {
    const { folder, log, happened, source, streams, snapshots } = await given();
    await happened('schema-a', ...Array.from({ length: 1_200 }, (_, index) => `a${index}`));
    await happened('schema-b', 'b0', 'b1');
    await happened('schema-c', 'c0', 'c1');
    await log.truncate('schema-a', 1_198n);
    await log.truncate('schema-c', 2n);
    for (const stream of ['schema-a', 'schema-c']) {
      await snapshots.save(stream, { revision: await log.head(stream), shape: 1, text: stream });
      streams.push(stream);
    }
    await backUp(source);
    await happened('schema-b', 'b2', 'b3');
    await log.truncate('schema-b', 3n);
    await backUp(source);
    const { log: copy, snapshots: kept } = await restored(folder);
    expect(await told(copy, 'schema-a', 1_198n)).toEqual([
      [1_198n, 'a1198'],
      [1_199n, 'a1199'],
    ]);
    await expect(told(copy, 'schema-a', 1_197n)).rejects.toMatchObject({ first: 1_198n });
    expect(await told(copy, 'schema-b', 3n)).toEqual([[3n, 'b3']]);
    await expect(told(copy, 'schema-b')).rejects.toMatchObject({ first: 3n });
    expect([await copy.head('schema-c'), await kept.load('schema-c')]).toEqual([1n, { revision: 1n, shape: 1, text: 'schema-c' }]);
    expect(await copy.append('schema-c', 1n, [{ id: randomUUID(), type: 'Happened', data: '{}' }])).toMatchObject({ revision: 2n });
  });

  it('ends where it is told to, and leaves followers at the beginning then', async () => {
    const { folder, happened, source } = await given();
    for (const text of ['0', '1', '2', '3', '4', '5']) await happened('schema-a', text);
    await backUp(source);
    const { log, outcome, checkpoints } = await restored(folder, { position: 5n });
    expect((await told(log, 'schema-a')).length).toBe(5);
    expect(outcome).toMatchObject({ events: 5, end: 5n, isWhole: false });
    expect(await checkpoints.load('policy')).toBe(0n);
  });

  it('ends before the first thing that happened later than a time', async () => {
    const { folder, log, source } = await given();
    const at = (time: string) => ({
      id: randomUUID(),
      type: 'WorkspaceClosing',
      data: JSON.stringify({ type: 'WorkspaceClosing', by: { at: time } }),
    });
    await log.append('account-a', noRevision, ['2026-01-01T10:00:00.000Z', '2026-01-01T12:00:00.000Z', '2026-01-01T11:00:00.000Z'].map(at));
    await backUp(source);
    expect((await restored(folder, { time: new Date('2026-01-01T11:30:00Z') })).outcome).toMatchObject({ events: 1, end: 1n });
    expect((await restored(folder, { time: new Date('2026-01-01T12:00:00Z') })).outcome).toMatchObject({ events: 3, isWhole: true });
  });

  it('brings no key back of an object with marked fields that was removed, also where it ends before that', async () => {
    const { folder, log, source } = await given();
    const keys = Keys.over({ store: source.keyStore, readMasterKeys: async () => masterKeys }, masterKeys);
    const written = (type: string, uid: string, end: object) => {
      const head = { type, key: { group: 'demo.test', resource: 'doors', namespace: '', name: uid }, uid, secretFields: [['spec', 'pin']] };
      return { id: randomUUID(), type, data: JSON.stringify({ ...head, object: { metadata: { name: uid } }, ...end }) };
    };
    for (const uid of ['kept', 'gone']) await keys.create('a', uid);
    await log.append('account-a', noRevision, [
      written('ResourceDeclared', 'kept', { sealed: 'x' }),
      written('ResourceDeclared', 'gone', { sealed: 'x' }),
      written('ResourceRemoved', 'gone', {}),
    ]);
    await backUp(source);
    const keyStore = new MemoryKeyStore();
    await restored(folder, { position: 2n }, keyStore);
    expect((await Array.fromAsync(keyStore.all())).map(({ uid }) => uid)).toEqual(['kept']);
  });
});
