import { afterEach, beforeEach, expect, it } from 'vitest';
import { MemoryCheckpointStore, MemoryEventArchive, MemorySnapshotStore } from '#stream';
import { silentLogger } from '#telemetry';
import { collect } from '#testing/stream';
import { sideStreamOf, streamOf } from '#account';
import { clusterNameOf } from '#workspace';
import { aHouse, eventually } from './testing/a-house.ts';
import { runBurial } from './run-burial.ts';

let mesh: Awaited<ReturnType<typeof aHouse>>;
let burial: Awaited<ReturnType<typeof runBurial>>;
let checkpoints: MemoryCheckpointStore;
let snapshots: MemorySnapshotStore;
let archive: MemoryEventArchive;
let forgotten: string[];

async function begin(): Promise<void> {
  const remains = async (cluster: string) => void forgotten.push(cluster);
  const { house, log } = mesh;
  burial = await runBurial({ house, log, checkpoints, snapshots, archive, remains, followers: ['view', 'bridge'], logger: silentLogger });
}

beforeEach(async () => {
  [mesh, checkpoints, snapshots, archive, forgotten] = [
    await aHouse(),
    new MemoryCheckpointStore(),
    new MemorySnapshotStore(),
    new MemoryEventArchive(),
    [],
  ];
  await begin();
});
afterEach(async () => {
  await burial.stop();
  await mesh.stop();
});

const typesIn = async (stream: string): Promise<readonly string[]> =>
  (await collect(mesh.log.readAll(0n))).filter((event) => event.stream === stream).map(({ type }) => type);

/** The cluster of an account that held something and is deleted now. */
async function deletedAccount(): Promise<string> {
  const orgs = await mesh.at('root:orgs');
  await orgs.create('accounts', { metadata: { name: 'acme' }, spec: { type: 'org' } });
  const cluster = clusterNameOf((await orgs.ready('accounts', 'acme')).metadata.uid ?? '');
  const acme = await mesh.at('root:orgs:acme');
  await acme.create('configmaps', { metadata: { name: 'plan', namespace: 'default' }, data: { plan: 'planted' } });
  await acme.create('leases', { metadata: { name: 'lease', namespace: 'default' }, spec: { holderIdentity: 'planted' } });
  await snapshots.save(streamOf(cluster), { revision: 1n, shape: 1, text: 'planted' });
  await snapshots.save(sideStreamOf(cluster), { revision: 1n, shape: 1, text: 'planted' });
  await archive.keep((await collect(mesh.log.readAll(0n))).filter(({ stream }) => stream === streamOf(cluster)).slice(0, 1));
  await orgs.delete('accounts', 'acme');
  await orgs.gone('accounts', 'acme');
  return cluster;
}

const buried = (cluster: string) => eventually(async () => ((await typesIn(streamOf(cluster))).length === 1 ? true : undefined), 20_000);

it('leaves of a deleted account nothing but the word that it is gone', { timeout: 30_000 }, async () => {
  const cluster = await deletedAccount();
  await checkpoints.save('view', 1_000n);
  await checkpoints.save('bridge', 1_000n);
  await buried(cluster);
  await eventually(async () => ((await typesIn(sideStreamOf(cluster))).length === 1 ? true : undefined), 20_000);
  expect([await typesIn(streamOf(cluster)), await typesIn(sideStreamOf(cluster))]).toEqual([['WorkspaceClosed'], ['WorkspaceClosed']]);
  expect((await collect(mesh.log.readAll(0n))).filter(({ data }) => data.includes('planted'))).toEqual([]);
  expect(await collect(archive.readStream(streamOf(cluster), 0n))).toEqual([]);
  expect([await snapshots.load(streamOf(cluster)), await snapshots.load(sideStreamOf(cluster)), forgotten]).toEqual([
    undefined,
    undefined,
    [cluster],
  ]);
  // Its name is never used again, and whoever asks for it finds it closed.
  const { house } = await aHouse(mesh.log);
  const account = await house.accounts.account(cluster);
  expect([account.state.phase, account.state.resources(), await house.open(cluster)]).toEqual(['closed', [], undefined]);
});

it('waits for all who have not seen it go, also over a restart', { timeout: 30_000 }, async () => {
  const cluster = await deletedAccount();
  const end = (await collect(mesh.log.readAll(0n))).find(({ stream, type }) => stream === streamOf(cluster) && type === 'WorkspaceClosed');
  await checkpoints.save('view', 1_000n);
  await checkpoints.save('bridge', end!.position - 1n);
  await eventually(async () => ((await checkpoints.load('burial')) === end!.position - 1n ? true : undefined), 20_000);
  expect((await typesIn(streamOf(cluster))).length).toBeGreaterThan(5);
  await burial.stop();
  await begin();
  await checkpoints.save('bridge', end!.position);
  await buried(cluster);
});
