import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import type { KubeObject } from '#kube';
import { parseSettings, type Settings } from '#settings';
import { silentLogger } from '#telemetry';
import { copyOfDatabase, testPostgres } from '#testing/adapter-postgres';
import type { Author, House, Workspace } from '#workspace';
import { openHouse } from '../open-house.ts';
import { startPolicy } from '../policy-role.ts';
import { startProjections } from '../projections.ts';
import type { Stores } from '../stores.ts';

export const shop = 'root:orgs:acme';

const admin: Author = { user: 'admin', groups: ['system:masters'], userAgent: 'spec/1', fieldManager: 'spec', cause: 'spec' };

const folders: string[] = [];
afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

/** Settings of an installation over a database of its own, with a data folder that goes with the spec. `flags`: what else it is told. */
export async function settingsOver(databaseUrl: string, flags: readonly string[] = []): Promise<Settings> {
  const folder = await mkdtemp(join(tmpdir(), 'tributary-upkeep-'));
  folders.push(folder);
  const outcome = parseSettings(['--data', folder, '--database-url', databaseUrl, ...flags], {});
  if (outcome.type !== 'settings') throw new Error(JSON.stringify(outcome));
  return outcome.settings;
}

export type Running = { readonly house: House; readonly stores: Stores; readonly stop: () => Promise<void> };

/** The roles of an installation, without its HTTP. */
export async function running(settings: Settings): Promise<Running> {
  const publicUrl = 'https://mesh.test';
  const { house, stores, close } = await openHouse({ settings, publicUrl, logger: silentLogger, ca: 'ca' });
  const policy = await startPolicy({ house, stores, settings, logger: silentLogger });
  const projections = startProjections({ stores, logger: silentLogger });
  return {
    house,
    stores,
    async stop() {
      const head = await stores.log.headOfAll();
      await Promise.all(projections.views.map((view) => view.waitForPosition(head)));
      await policy.stop();
      await projections.stop();
      await close();
    },
  };
}

export async function openedWorkspace(house: House, path: string): Promise<Workspace> {
  for (const deadline = performance.now() + 20_000; ;) {
    const workspace = await house.open(path);
    if (workspace) return workspace;
    if (performance.now() > deadline) throw new Error(`${path} was not opened within 20 s`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Everything that a workspace holds of a kind, by name. */
export async function held(workspace: Workspace, kindName: string): Promise<ReadonlyMap<string, KubeObject>> {
  const kind = workspace.served().find((known) => known.kind === kindName);
  if (!kind) throw new Error(`${workspace.path} serves no ${kindName}`);
  const outcome = await workspace.list({ kind, version: kind.storageVersion, namespace: 'default' });
  if (outcome.type !== 'listed') throw new Error(JSON.stringify(outcome));
  return new Map(outcome.items.map(({ name, object }) => [name, object]));
}

/** What is created, as kubectl would write it. @throws Error where it is refused */
export async function create(workspace: Workspace, body: KubeObject & { readonly data?: object }): Promise<KubeObject> {
  const kind = workspace.served().find((known) => known.kind === body.kind && body.apiVersion.startsWith(known.group));
  if (!kind) throw new Error(`${workspace.path} serves no ${body.kind}`);
  const version = body.apiVersion.slice(body.apiVersion.indexOf('/') + 1);
  const namespace = kind.namespaced ? 'default' : '';
  const outcome = await workspace.create({
    kind,
    version,
    namespace,
    author: admin,
    dryRun: false,
    fieldValidation: 'Strict',
    body,
    duplicateFields: [],
  });
  if (outcome.type === 'refused') throw new Error(JSON.stringify(outcome.refusal));
  return outcome.object.object;
}

export async function remove(workspace: Workspace, kindName: string, name: string): Promise<void> {
  const kind = workspace.served().find((known) => known.kind === kindName);
  if (!kind) throw new Error(`${workspace.path} serves no ${kindName}`);
  const namespace = kind.namespaced ? 'default' : '';
  const outcome = await workspace.delete({ kind, version: kind.storageVersion, namespace, name, author: admin, dryRun: false });
  if (outcome.type === 'refused') throw new Error(JSON.stringify(outcome.refusal));
}

const account = (name: string): KubeObject => ({
  apiVersion: 'core.platform-mesh.io/v1alpha1',
  kind: 'Account',
  metadata: { name },
  spec: { type: 'org', displayName: name },
});

export const configMap = (name: string, text: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { text } });

const secret = (name: string, text: string) => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name },
  data: { text: Buffer.from(text).toString('base64') },
});

/** An installation that has lived a little: accounts, ConfigMaps, two Secrets, a third that was removed, a snapshot. It does not run any more. */
export async function smallInstallation(flags: readonly string[] = []): Promise<Settings> {
  const settings = await settingsOver((await testPostgres()).url, flags);
  const { house, stores, stop } = await running(settings);
  await create(await openedWorkspace(house, 'root:orgs'), account('acme'));
  const workspace = await openedWorkspace(house, shop);
  for (const name of ['a', 'b', 'c']) await create(workspace, configMap(name, `text of ${name}`));
  for (const name of ['kept', 'kept-too', 'removed']) await create(workspace, secret(name, `secret of ${name}`));
  await remove(workspace, 'Secret', 'removed');
  await remove(workspace, 'ConfigMap', 'b');
  await (await house.accounts.account(workspace.cluster)).saveSnapshot();
  await create(workspace, configMap('d', 'after the snapshot'));
  for (const deadline = performance.now() + 20_000; (await stores.keyStore.load(workspace.cluster)).length > 2;) {
    if (performance.now() > deadline) throw new Error('the key of what was removed is still there');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await stop();
  return settings;
}

/** Keys go soon after what they have sealed. */
export async function keysAre(count: number, { stores }: Pick<Running, 'stores'>, { cluster }: Pick<Workspace, 'cluster'>): Promise<void> {
  for (const deadline = performance.now() + 20_000; (await stores.keyStore.load(cluster)).length !== count;) {
    if (performance.now() > deadline) throw new Error(`there are not ${count} keys`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** A copy of an installation that does not run, its database changed by statements. */
export async function copyOf(settings: Settings, ...statements: readonly string[]): Promise<Settings> {
  return { ...settings, databaseUrl: await copyOfDatabase(settings.databaseUrl ?? '', statements) };
}
