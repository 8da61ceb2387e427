import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate, openDataSource, PostgresEventLog, startEmbeddedPostgres } from '#adapter-postgres';
import { silentLogger } from '#telemetry';
import { measureBusy } from '../busy.ts';
import { EtcdServer, findEtcd } from '../etcd-server.ts';
import type { Figure } from '../figure.ts';
import { Latencies, spread } from '../latencies.ts';
import type { Bench } from '../part.ts';

const writers = 64;
const etcdConnections = 8;
const rateGoal = 12_000;
const ratioGoal = 1.5;
const valueLength = 800;

/** One durable write by a writer, who has waited for its last one. */
type Write = (writer: number, serial: number) => Promise<unknown>;

/** Durable appends through the port, each of one event and by one writer to its own stream; the yardstick is etcd, which writes the same to the same disk. */
export async function logYardstick(bench: Bench): Promise<readonly Figure[]> {
  const append = await appendsTo(bench);
  const found = findEtcd();
  const etcd = found && (await EtcdServer.start(found.program, etcdConnections));
  if (etcd) bench.atEnd(() => etcd.remove());
  const text = 'x'.repeat(valueLength);
  const put: Write | undefined =
    etcd && ((writer, serial) => etcd.put(`/registry/bench/w${writer}/${String(serial).padStart(8, '0')}`, Buffer.from(text)));

  const { rounds, seconds } = bench.quick ? { rounds: 2, seconds: 0.6 } : { rounds: 4, seconds: 4 };
  const [ours, theirs] = [new Latencies(), new Latencies()];
  const spent = { ours: 0, theirs: 0 };
  const busy = await measureBusy({ etcd: etcd?.pid ?? 0 });
  // In turn, so that what the machine does beside hits both. The first turn of each warms up.
  for (let round = 0; round <= rounds; round++) {
    const counted = round > 0;
    const tookOurs = await load(append, seconds, counted ? ours : new Latencies());
    const tookTheirs = put ? await load(put, seconds, counted ? theirs : new Latencies()) : 0;
    if (!counted) continue;
    spent.ours += tookOurs;
    spent.theirs += tookTheirs;
  }
  bench.note(`durable appends: ${spread(ours)}; puts of etcd: ${put ? spread(theirs) : 'none'}; over both: ${await busy()}`);
  const rate = ours.count / spent.ours;
  const measured = `${rate.toFixed(0)}/s`;
  const row = { figure: `durable appends of ${valueLength} bytes, ${writers} writers`, measured, floor: '' };
  return [
    { ...row, verdict: measured, goal: `≥ ${rateGoal}/s`, met: rate >= rateGoal },
    found && put
      ? againstEtcd(rate, theirs.count / spent.theirs, found.version)
      : { ...row, figure: 'the same against etcd', verdict: 'no etcd on the PATH, none named by ETCD', goal: `≥ ${ratioGoal}`, met: false },
  ];
}

function againstEtcd(rate: number, floor: number, version: string): Figure {
  const ratio = rate / floor;
  return {
    figure: `the same against puts of etcd ${version}`,
    measured: `${rate.toFixed(0)}/s`,
    floor: `${floor.toFixed(0)}/s`,
    verdict: `ratio ${ratio.toFixed(2)}`,
    goal: `≥ ${ratioGoal}`,
    met: ratio >= ratioGoal,
  };
}

async function appendsTo(bench: Bench): Promise<Write> {
  const folder = await mkdtemp(join(tmpdir(), 'tributary-bench-log-'));
  bench.atEnd(() => rm(folder, { recursive: true, force: true }));
  const server = await startEmbeddedPostgres({ folder, log: silentLogger });
  bench.atEnd(() => server.stop());
  const dataSource = await openDataSource(server.url);
  await migrate(dataSource);
  await dataSource.destroy();
  const log = await PostgresEventLog.open({ url: server.url, soleWriter: true });
  bench.atEnd(() => log.close());
  const revisions = Array.from({ length: writers }, () => -1n);
  const payload = 'x'.repeat(valueLength - 100);
  return async (writer, serial) => {
    const data = JSON.stringify({ serial, at: '2026-11-23T08:00:00.000Z', by: 'the benchmark', object: { note: payload } });
    const result = await log.append(`account-writer${writer}`, revisions[writer] ?? -1n, [{ id: randomUUID(), type: 'Noted', data }]);
    if (result.type === 'conflict') throw new Error('nobody else appends to this log');
    revisions[writer] = result.revision;
  };
}

let serial = 0;

/** All writers write for this long, each as soon as its last write is durable. Answers how long it took, in seconds. */
async function load(write: Write, seconds: number, latencies: Latencies): Promise<number> {
  const began = performance.now();
  const one = async (writer: number): Promise<void> => {
    while (performance.now() - began < seconds * 1000) {
      const sentAt = performance.now();
      await write(writer, serial++);
      latencies.push(performance.now() - sentAt);
    }
  };
  await Promise.all(Array.from({ length: writers }, (_, writer) => one(writer)));
  return (performance.now() - began) / 1000;
}
