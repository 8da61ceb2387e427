import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { InProcessChannel, replayHeader, type ParkedRecord, type StatusRecord } from '#bridge';
import { openDataSource, PostgresChannelStore, PostgresCheckpointStore } from '#adapter-postgres';
import { silentLogger } from '#telemetry';
import { testPostgres } from '#testing/adapter-postgres';
import { kafkaBridgeFollower } from '../followers.ts';
import { settingsOver } from '../testing/small-installation.ts';
import { settleParked } from './parked-command.ts';

const patience = { timeout: 30_000 };

async function given() {
  const settings = await settingsOver((await testPostgres()).url);
  const dataSource = await openDataSource(settings.databaseUrl ?? '');
  onTestFinished(() => dataSource.destroy());
  // The server's end, in another process than the command's.
  const server = new InProcessChannel(new PostgresChannelStore(dataSource), settings.topicPrefix);
  const parked = (uid: string): ParkedRecord => ({
    record: { topic: 'tributary.x.status', key: `acc/${uid}`, value: `"${uid}"`, headers: {}, partition: 0, offset: '7' },
    reason: 'no schema fits',
    attempts: 1,
  });
  for (const uid of ['u1', 'u2', 'u3']) await server.park(parked(uid));
  const settle = async (action: 'list' | 'replay' | 'drop', key?: string) =>
    (await settleParked({ settings, action, key }, silentLogger)).map(({ record }) => record.key);
  return { server, settle, dataSource };
}

describe('the command for parked reports', () => {
  it('lists them, sends one once more, gives one up; a server that runs, or starts later, takes that up', async () => {
    const { server, settle } = await given();
    expect((await settle('list')).sort()).toEqual(['acc/u1', 'acc/u2', 'acc/u3']);
    expect(await settle('replay', 'acc/u1')).toEqual(['acc/u1']);
    const seen: StatusRecord[] = [];
    const stopping = new AbortController();
    const listening = server.statuses(async (batch) => void seen.push(...batch), stopping.signal);
    await vi.waitFor(() => expect(seen).toMatchObject([{ key: 'acc/u1', value: '"u1"', headers: { [replayHeader]: 'true' } }]), patience);
    expect(await settle('drop', 'acc/u2')).toEqual(['acc/u2']);
    await vi.waitFor(
      () => expect(seen.at(-1)).toMatchObject({ key: 'acc/u2', value: null, headers: { [replayHeader]: 'true' } }),
      patience,
    );
    expect(await settle('list')).toEqual(['acc/u3']);
    expect(await settle('replay', 'acc/unknown')).toEqual([]);
    stopping.abort();
    await listening;
    expect(seen.length).toBe(2);
  });

  it('does not answer for an installation whose reports come over Kafka without being told the brokers', async () => {
    const { settle, dataSource } = await given();
    await new PostgresCheckpointStore(dataSource).save(kafkaBridgeFollower, 7n);
    await expect(settle('list')).rejects.toThrow('KAFKA_BROKERS must be set');
  });
});
