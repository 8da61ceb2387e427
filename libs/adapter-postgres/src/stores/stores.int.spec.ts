import { describe, expect, it } from 'vitest';
import { checkpointStoreContract, snapshotStoreContract } from '#testing/stream';
import { testPostgres } from '../testing/test-postgres.ts';
import { openPool } from './open-pool.ts';
import { PostgresChannelStore } from './postgres-channel-store.ts';
import type { ChannelRecord } from './postgres-channel-store.ts';
import { PostgresCheckpointStore } from './postgres-checkpoint-store.ts';
import { PostgresSnapshotStore } from './postgres-snapshot-store.ts';

async function opened<Store>(make: (pool: ReturnType<typeof openPool>) => Store): Promise<{ store: Store; close: () => Promise<void> }> {
  const pool = openPool((await testPostgres()).url);
  return { store: make(pool), close: () => pool.end() };
}

snapshotStoreContract('PostgresSnapshotStore', () => opened((pool) => new PostgresSnapshotStore(pool)));
checkpointStoreContract('PostgresCheckpointStore', () => opened((pool) => new PostgresCheckpointStore(pool)));

describe('PostgresChannelStore', () => {
  const record = (key: string, position: bigint, value: string | null = `{"at":${position}}`): ChannelRecord => ({ topic: 'httpbins.spec', key, value, headers: { type: 'spec "quoted"' }, sequence: `${position}`, position });

  it('keeps the newest record of each key, and the checkpoint with it', async () => {
    const { store, close } = await opened((pool) => new PostgresChannelStore(pool));
    expect([await store.read('httpbins.spec', 0n), await store.checkpoint('bridge')]).toEqual([[], 0n]);
    await store.put([record('a', 1n), record('b', 2n), record('a', 3n)], { follower: 'bridge', position: 3n });
    expect(await store.read('httpbins.spec', 0n)).toEqual([record('b', 2n), record('a', 3n)]);
    await store.put([record('b', 4n, null), { ...record('a', 5n), topic: 'elsewhere' }], { follower: 'bridge', position: 9n });
    expect(await store.read('httpbins.spec', 2n)).toEqual([record('a', 3n), record('b', 4n, null)]);
    expect(await store.checkpoint('bridge')).toBe(9n);
    await store.put([], { follower: 'bridge', position: 10n });
    expect(await store.checkpoint('bridge')).toBe(10n);
    await close();
  });

  it('keeps neither when one cannot be kept', async () => {
    const { store, close } = await opened((pool) => new PostgresChannelStore(pool));
    await expect(store.put([record('a', 1n), record('b', 2n, 'a NUL \0 byte')], { follower: 'bridge', position: 2n })).rejects.toThrow();
    expect([await store.read('httpbins.spec', 0n), await store.checkpoint('bridge')]).toEqual([[], 0n]);
    await close();
  });
});
