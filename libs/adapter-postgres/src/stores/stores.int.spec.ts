import { describe, expect, it, onTestFinished } from 'vitest';
import type { DataSource } from 'typeorm';
import { CheckpointLost } from '#bridge';
import { LogUnavailable } from '#stream';
import { keyStoreContract } from '#testing/keys';
import { checkpointStoreContract, collect, eventArchiveContract, snapshotStoreContract } from '#testing/stream';
import { openDataSource } from '../schema/data-source.ts';
import { testPostgres } from '../testing/test-postgres.ts';
import { PostgresChannelStore } from './postgres-channel-store.ts';
import { PostgresCheckpointStore } from './postgres-checkpoint-store.ts';
import { PostgresEventArchive } from './postgres-event-archive.ts';
import { PostgresKeyStore } from './postgres-key-store.ts';
import { PostgresSnapshotStore } from './postgres-snapshot-store.ts';

async function opened<Store>(make: (dataSource: DataSource) => Store): Promise<{ store: Store; close: () => Promise<void> }> {
  const dataSource = await openDataSource((await testPostgres()).url);
  return { store: make(dataSource), close: () => dataSource.destroy() };
}

snapshotStoreContract('PostgresSnapshotStore', () => opened((dataSource) => new PostgresSnapshotStore(dataSource)));
checkpointStoreContract('PostgresCheckpointStore', () => opened((dataSource) => new PostgresCheckpointStore(dataSource)));

eventArchiveContract('PostgresEventArchive', () => opened((dataSource) => new PostgresEventArchive(dataSource)));

keyStoreContract('PostgresKeyStore', () => opened((dataSource) => new PostgresKeyStore(dataSource)));

it('names an outage: whoever waits is told to come again', async () => {
  const dataSource = await openDataSource((await testPostgres()).url);
  const [snapshots, keys] = [new PostgresSnapshotStore(dataSource, 20), new PostgresKeyStore(dataSource, 20)];
  await dataSource.destroy();
  for (const ask of [
    () => snapshots.load('account-a'),
    () => keys.find('a', 'b'),
    () => keys.load('a'),
    () => keys.save({ account: 'a', uid: 'b', masterKey: 'm', wrapped: 'w' }),
  ])
    await expect(ask()).rejects.toThrow(LogUnavailable);
});

describe('PostgresChannelStore', () => {
  it('keeps nothing behind a checkpoint that is lost, so that its follower goes back to where it stands', async () => {
    const store = await channelStore();
    await expect(store.put([record('a', '1')], { name: 'bridge', position: 9n, after: 5n })).rejects.toThrow(CheckpointLost);
    await store.put([record('a', '1')], { name: 'bridge', position: 3n, after: 0n });
    const ahead = { name: 'bridge', position: 9n, after: 5n };
    await expect(store.put([record('a', null), record('b', '2')], ahead)).rejects.toThrow(CheckpointLost);
    await expect(store.put([], ahead)).rejects.toThrow(CheckpointLost);
    expect([await Array.fromAsync(store.read('httpbins')), await store.checkpoint('bridge')]).toMatchObject([
      [{ key: 'a', value: '1' }],
      3n,
    ]);
    // An answer that was lost: it stands there already.
    for (const _ of [1, 2]) await store.put([record('b', '2')], { name: 'bridge', position: 4n, after: 3n });
    expect([(await Array.fromAsync(store.read('httpbins'))).length, await store.checkpoint('bridge')]).toEqual([2, 4n]);
  });

  const record = (key: string | null, value: string | null, topic = 'httpbins') => ({
    topic,
    key,
    value,
    headers: { type: 'spec "quoted" 漢', b: '', a: '1' },
  });

  async function channelStore(): Promise<PostgresChannelStore> {
    const { store, close } = await opened((dataSource) => new PostgresChannelStore(dataSource));
    onTestFinished(close);
    return store;
  }

  it('keeps the newest record of each key in the order of puts, and the checkpoint with them', async () => {
    const store = await channelStore();
    expect([await collect(store.read('httpbins')), await store.checkpoint('bridge')]).toEqual([[], 0n]);
    await store.put([record('a', '1'), record('b', '2'), record('a', '3'), record(null, 'garbage')], { name: 'bridge', position: 3n });
    expect(await collect(store.read('httpbins'))).toEqual([record('b', '2'), record('a', '3')]);
    await store.put([record('b', '4'), record('a', 'x', 'elsewhere')], { name: 'bridge', position: 9n });
    expect(await collect(store.read('httpbins'))).toEqual([record('a', '3'), record('b', '4')]);
    expect(await store.checkpoint('bridge')).toBe(9n);
  });

  it('removes a key with a null value, also when it was put just before', async () => {
    const store = await channelStore();
    await store.put([record('a', '1'), record('b', '2')]);
    await store.put([record('a', null), record('c', '3'), record('c', null), record('never', null)], { name: 'bridge', position: 1n });
    expect(await collect(store.read('httpbins'))).toEqual([record('b', '2')]);
  });

  it('moves the checkpoint alone', async () => {
    const store = await channelStore();
    await store.put([], { name: 'bridge', position: 10n });
    await store.put([record(null, 'garbage')], { name: 'bridge', position: 11n });
    expect(await store.checkpoint('bridge')).toBe(11n);
  });

  it('keeps neither when one record cannot be kept', async () => {
    const store = await channelStore();
    await expect(store.put([record('a', '1'), record('b', 'a NUL \0 byte')], { name: 'bridge', position: 2n })).rejects.toThrow();
    expect([await collect(store.read('httpbins')), await store.checkpoint('bridge')]).toEqual([[], 0n]);
  });

  it('forgets what an account has, dead letters too', async () => {
    const store = await channelStore();
    const kept = [record('c10/a', '1'), record('x', '2'), record('topic c10/a', '3', 'status.dlq')];
    await store.put([record('c1/a', '1'), record('c1/b', '1', 'elsewhere'), record('topic c1/a', '4', 'status.dlq'), ...kept]);
    await store.forget('c1');
    const left = [await collect(store.read('httpbins')), await collect(store.read('elsewhere')), await collect(store.read('status.dlq'))];
    expect(left.flat()).toEqual(kept);
  });

  it('reads more than a page', async () => {
    const store = await channelStore();
    const records = Array.from({ length: 1201 }, (_, index) => record(`${index}`, `${index}`));
    await store.put(records);
    expect(await collect(store.read('httpbins'))).toEqual(records);
  });
});
