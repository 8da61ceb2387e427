import { copyFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Settings } from '#settings';
import { silentLogger } from '#telemetry';
import { testPostgres } from '#testing/adapter-postgres';
import type { Finding } from '#upkeep';
import { startStandIn, type StandIn } from '../../../../test/stand-ins/eventstoredb/stand-in.ts';
import { startBridge } from '../bridge-role.ts';
import { rebuildViews } from '../rebuild-views.ts';
import { openStores } from '../stores.ts';
import { held, openedWorkspace, remove, running, settingsOver, shop, smallInstallation } from '../testing/small-installation.ts';
import { backUpInstallation, restoreInstallation } from './backup-commands.ts';
import { exportAccounts } from './export-command.ts';
import { verifyInstallation } from './verify-command.ts';

describe('with the log in a stand-in for EventStoreDB', () => {
  let standIn: StandIn;
  let whole: Settings;
  let scratch: string;
  beforeAll(async () => {
    scratch = await mkdtemp(join(tmpdir(), 'tributary-eventstore-'));
    standIn = await startStandIn({ tls: true, user: { name: 'me', password: 's3cret' } });
    whole = await smallInstallation(['--eventstore-url', standIn.url]);
  });
  afterAll(async () => {
    standIn.stop();
    await rm(scratch, { recursive: true, force: true });
  });

  async function findings(settings: Settings): Promise<readonly Finding[]> {
    const found: Finding[] = [];
    await verifyInstallation(settings, silentLogger, (finding) => found.push(finding));
    return found;
  }

  async function contents(settings: Settings) {
    const { house, stop } = await running(settings);
    const workspace = await openedWorkspace(house, shop);
    const found = { maps: await held(workspace, 'ConfigMap'), secrets: await held(workspace, 'Secret'), position: workspace.position() };
    await stop();
    return found;
  }

  async function restored(from: string, flags: readonly string[]): Promise<Settings> {
    const settings = await settingsOver((await testPostgres()).url, flags);
    await copyFile(join(whole.dataFolder, 'master.keys'), join(settings.dataFolder, 'master.keys'));
    await restoreInstallation({ until: {}, destroyedKeysFolder: undefined, settings, folder: from }, silentLogger);
    return settings;
  }

  it('verify finds nothing, and views are made anew', async () => {
    expect(await findings(whole)).toEqual([]);
    const said: string[] = [];
    expect(
      await rebuildViews({ settings: whole, names: ['accounts'], logger: silentLogger, say: (line) => said.push(line) }),
    ).toBeUndefined();
    expect(said).toEqual([expect.stringMatching(/^accounts: [1-9]\d* events in /)]);
    expect(await findings(whole)).toEqual([]);
  });

  it('a backup is restored to another server, which takes less at once, and to PostgreSQL', async () => {
    const before = await contents(whole);
    const folder = join(scratch, 'backup');
    await backUpInstallation(whole, folder, silentLogger);
    expect(await backUpInstallation(whole, folder, silentLogger)).toMatchObject({ newEvents: 0 });
    const narrow = await startStandIn({ appendBytesMax: 8_000 });
    onTestFinished(() => narrow.stop());
    for (const flags of [['--eventstore-url', narrow.url], []]) {
      const settings = await restored(folder, flags);
      expect(await findings(settings)).toEqual([]);
      expect(await contents(settings)).toEqual(before);
    }
  });

  it('a workspace is exported', async () => {
    const path = join(scratch, 'shop.yaml');
    const order = { pathOrCluster: shop, form: 'yaml', withSecrets: true, withStatus: false, remark: () => undefined } as const;
    expect(await exportAccounts({ ...order, settings: whole, to: { type: 'file', path } }, silentLogger)).toMatchObject({ accounts: 1 });
    const text = await readFile(path, 'utf8');
    expect(text).toContain('after the snapshot');
    expect(text).toContain(Buffer.from('secret of kept').toString('base64'));
  });

  it('an account is deleted with all that it had, also where those who must see it go come after a restart', async () => {
    const first = await running(whole);
    const { cluster } = await openedWorkspace(first.house, shop);
    const orgs = await openedWorkspace(first.house, 'root:orgs');
    await remove(orgs, 'Account', 'acme');
    const ours = () => standIn.streams.all.filter(({ stream }) => stream.startsWith('tributary.'));
    const end = (): number => ours().findIndex(({ type, stream }) => type === 'WorkspaceClosed' && stream.endsWith(cluster));
    await expect.poll(end, { timeout: 20_000 }).toBeGreaterThan(0);
    // The bridge has not seen it: whoever buries the account waits, and keeps the position before.
    const before = ours()[end() - 1]!.position;
    const saved = (): Promise<bigint> => first.stores.checkpoints.load('burial');
    await expect.poll(saved, { timeout: 20_000 }).toBeGreaterThanOrEqual(before);
    expect(await saved()).toBe(before);
    await first.stop();

    const second = await running(whole);
    const bridge = await startBridge({ settings: whole, stores: second.stores, house: second.house, logger: silentLogger });
    const shown = (): number => standIn.streams.show(`tributary.account-${cluster}`)?.events.length ?? 0;
    await expect.poll(shown, { timeout: 20_000 }).toBe(1);
    await expect.poll(() => second.stores.keyStore.load(cluster), { timeout: 20_000 }).toEqual([]);
    standIn.streams.scavenge();
    await bridge.stop();
    await second.stop();
    expect(await findings(whole)).toEqual([]);
  });

  it('is refused without the log, with another one, and with one that was set back', async () => {
    const open = (settings: Settings) => openStores({ settings, logger: silentLogger, onLost: () => undefined });
    await expect(open({ ...whole, eventStoreUrl: undefined })).rejects.toThrow('set EVENTSTORE_URL');
    const other = await startStandIn();
    onTestFinished(() => other.stop());
    await expect(open({ ...whole, eventStoreUrl: other.url })).rejects.toThrow('of another log');
    await expect(open({ ...whole, topicPrefix: 'strange' })).rejects.toThrow('of another log');
    other.streams.append('tributary.account-x', 'no_stream', [
      { id: crypto.randomUUID(), type: 'x', contentType: 'application/octet-stream', body: Buffer.from('x') },
    ]);
    await expect(open({ ...whole, eventStoreUrl: other.url })).rejects.toThrow('restore both from one backup');
  });
});
