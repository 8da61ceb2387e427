import { copyFile, cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventOf, streamOf, type AccountEvent } from '#account';
import { newMasterKeyLine } from '#keys';
import type { Settings } from '#settings';
import { silentLogger } from '#telemetry';
import { testPostgres } from '#testing/adapter-postgres';
import type { Finding } from '#upkeep';
import {
  configMap,
  copyOf,
  create,
  held,
  keysAre,
  openedWorkspace,
  remove,
  running,
  settingsOver,
  shop,
  smallInstallation,
} from '../testing/small-installation.ts';
import { startBridge } from '../bridge-role.ts';
import { backUpInstallation, restoreInstallation, type RestoreOrder } from './backup-commands.ts';
import { verifyInstallation } from './verify-command.ts';

const isOrderOfShop = (event: AccountEvent): boolean =>
  event.type === 'ResourceDeclared' && event.key.resource === 'accounts' && shop.endsWith(`:${event.key.name}`);

describe('backup and restore', () => {
  let whole: Settings;
  let scratch: string;
  let folders = 0;
  beforeAll(async () => {
    scratch = await mkdtemp(join(tmpdir(), 'tributary-backup-'));
    whole = await smallInstallation();
  });
  afterAll(() => rm(scratch, { recursive: true, force: true }));

  const folder = (): string => join(scratch, `${++folders}`);

  async function backedUp(settings: Settings, into = folder()): Promise<string> {
    await backUpInstallation(settings, into, silentLogger);
    return into;
  }

  /** An empty database, and the master keys of the one before. */
  async function empty(): Promise<Settings> {
    const settings = await settingsOver((await testPostgres()).url);
    await copyFile(join(whole.dataFolder, 'master.keys'), join(settings.dataFolder, 'master.keys'));
    return settings;
  }

  async function restored(from: string, order: Partial<Omit<RestoreOrder, 'folder'>> = {}) {
    const settings = order.settings ?? (await empty());
    const outcome = await restoreInstallation(
      { until: {}, destroyedKeysFolder: undefined, ...order, settings, folder: from },
      silentLogger,
    );
    return { settings, outcome };
  }

  async function findings(settings: Settings): Promise<readonly Finding[]> {
    const found: Finding[] = [];
    await verifyInstallation(settings, silentLogger, (finding) => found.push(finding));
    return found;
  }

  async function live<Result>(settings: Settings, use: (house: Awaited<ReturnType<typeof running>>) => Promise<Result>): Promise<Result> {
    const installation = await running(settings);
    try {
      return await use(installation);
    } finally {
      await installation.stop();
    }
  }

  /** Where the log holds the order of the account: what the mesh itself writes meanwhile may come before it or after. */
  const orderOfShop = (settings: Settings): Promise<bigint> =>
    live(settings, async ({ house, stores }) => {
      const { cluster } = await openedWorkspace(house, 'root:orgs');
      const events = await Array.fromAsync(stores.log.readStream(streamOf(cluster), 0n));
      const order = events.map((recorded) => ({ ...recorded, event: eventOf(recorded) })).find(({ event }) => isOrderOfShop(event));
      return order?.position ?? expect.fail('nobody has ordered the account');
    });

  const contents = (settings: Settings) =>
    live(settings, async ({ house }) => {
      const workspace = await openedWorkspace(house, shop);
      return { maps: await held(workspace, 'ConfigMap'), secrets: await held(workspace, 'Secret'), position: workspace.position() };
    });

  it('brings back everything: objects, their resourceVersions, Secrets, positions; and goes on from there', async () => {
    const before = await contents(whole);
    const { settings, outcome } = await restored(await backedUp(whole));
    expect(outcome).toMatchObject({ isWhole: true, keysLeftOut: 0 });
    expect(await findings(settings)).toEqual([]);
    expect(await contents(settings)).toEqual(before);
    expect([...before.secrets.keys()]).toEqual(['kept', 'kept-too']);
    await live(settings, async ({ house, stores }) => {
      const created = await create(await openedWorkspace(house, shop), configMap('new', 'after the restore'));
      expect(created.metadata.resourceVersion).toBe(`${before.position + 1n}`);
      expect(await stores.checkpoints.load('policy')).toBeGreaterThan(20n);
    });
    expect(await findings(settings)).toEqual([]);
  });

  it('adds to a backup what is new, and leaves the rest as it is', async () => {
    const settings = await copyOf(whole);
    const into = await backedUp(settings);
    const first = await readFile(join(into, 'log-00000001.jsonl.zst'));
    await live(settings, async ({ house }) => create(await openedWorkspace(house, shop), configMap('new', 'later')));
    const { newEvents, events } = await backUpInstallation(settings, into, silentLogger);
    expect(newEvents).toBeGreaterThan(0);
    expect(newEvents).toBeLessThan(10);
    expect(await readFile(join(into, 'log-00000001.jsonl.zst'))).toEqual(first);
    expect(await backUpInstallation(settings, into, silentLogger)).toMatchObject({ newEvents: 0, events });
    const { settings: again } = await restored(into);
    expect(await findings(again)).toEqual([]);
    expect((await contents(again)).maps.has('new')).toBe(true);
  });

  it('never brings back a key that was destroyed: not in the newest backup, not at an earlier point, not from an older copy', async () => {
    const settings = await copyOf(whole);
    const into = await backedUp(settings);
    const older = folder();
    await cp(into, older, { recursive: true });
    const position = (await backUpInstallation(settings, into, silentLogger)).head;
    await live(settings, async (installation) => {
      const workspace = await openedWorkspace(installation.house, shop);
      await remove(workspace, 'Secret', 'kept');
      await keysAre(1, installation, workspace);
    });
    // What a run left that was cut short.
    await cp(join(older, (await readdir(older)).find((file) => file.startsWith('keys-')) ?? ''), join(into, 'keys-7.jsonl.zst'));
    await backedUp(settings, into);
    expect((await readdir(into)).filter((file) => file.startsWith('keys-')).length).toBe(1);

    const atPoint = await restored(into, { until: { position } });
    expect(atPoint.outcome).toMatchObject({ isWhole: false });
    const fromOlder = await restored(older, { destroyedKeysFolder: into });
    expect(fromOlder.outcome).toMatchObject({ keysLeftOut: 1, isWhole: true });
    for (const { settings: again } of [atPoint, fromOlder]) {
      expect(await findings(again)).toEqual([]);
      const { secrets } = await contents(again);
      expect(secrets.get('kept')).toMatchObject({ kind: 'Secret' });
      expect(secrets.get('kept')).not.toHaveProperty('data');
      expect(secrets.get('kept-too')).toMatchObject({ data: { text: Buffer.from('secret of kept-too').toString('base64') } });
    }
    expect((await contents((await restored(older)).settings)).secrets.get('kept')).toHaveProperty('data');
  });

  it('restores up to a position or a time, and does again what was answered behind it', async () => {
    const settings = await copyOf(whole);
    const time = new Date();
    await live(settings, async ({ house }) => create(await openedWorkspace(house, shop), configMap('late', 'too late')));
    const into = await backedUp(settings);
    const { maps } = await contents((await restored(into, { until: { time } })).settings);
    expect([maps.has('d'), maps.has('late')]).toEqual([true, false]);
    const ordered = await orderOfShop(settings);
    // Right behind the order of the account: its workspace was opened later, and is opened again.
    for (const position of [1n, ordered, ordered + 1n, ordered + 2n]) {
      const { settings: again, outcome } = await restored(into, { until: { position } });
      expect(outcome.end).toBe(position);
      expect(await findings(again)).toEqual([]);
      await live(again, ({ house }) => openedWorkspace(house, position === 1n ? 'root:orgs' : shop));
      expect(await findings(again)).toEqual([]);
    }
  });

  it('takes other topics where providers know another past, and refuses the old ones at the restore and at every start', async () => {
    const over = "INSERT INTO checkpoints (follower, position) VALUES ('bridge to kafka', 20)";
    const into = await backedUp(await copyOf(whole, over));
    const again = { ...(await empty()), topicPrefix: 'again' };
    await expect(restored(into, { until: { position: 19n } })).rejects.toThrow('providers behind the topics tributary.… know another past');
    await expect(restored(into, { until: { position: 19n }, settings: again })).resolves.toMatchObject({ outcome: { isWhole: false } });
    const started = (settings: Settings, topicPrefix: string) =>
      live(settings, async ({ house, stores }) => {
        const bridging = { ...settings, topicPrefix, kafkaBrokers: ['127.0.0.1:1'] };
        await (await startBridge({ settings: bridging, stores, house, logger: silentLogger })).stop();
        return 'started';
      });
    await expect(started(again, 'tributary')).rejects.toThrow('name another --topic-prefix');
    expect(await started(again, 'again')).toBe('started');
    expect(await findings(again)).toEqual([]);

    // What was left once stays left, also for who restores the restored.
    const later = await backedUp(again);
    await expect(restored(later)).rejects.toThrow('providers behind the topics tributary.… know another past');

    // As a whole, positions included, it goes on where it was; and who never had topics has none to leave.
    expect(await started((await restored(into)).settings, 'tributary')).toBe('started');
    expect(await started((await restored(await backedUp(whole), { until: { position: 19n } })).settings, 'tributary')).toBe('started');
  });

  it('finds in the archive what the log keeps no longer, and restores it', async () => {
    const settings = await copyOf(whole, 'DELETE FROM snapshots');
    await live(settings, async ({ house, stores }) => {
      const stream = `account-${(await openedWorkspace(house, shop)).cluster}`;
      const all = await Array.fromAsync(stores.log.readStream(stream, 0n));
      await stores.archive.keep(all.slice(0, 6));
      await stores.log.truncate(stream, 6n);
    });
    expect(await findings(settings)).toEqual([]);
    const { settings: again } = await restored(await backedUp(settings));
    expect(await findings(again)).toEqual([]);
    expect(await contents(again)).toEqual(await contents(whole));
    const damaged = await findings(await copyOf(settings, 'DELETE FROM archived_events WHERE revision = 2'));
    expect(damaged.map(({ type }) => type)).toEqual(expect.arrayContaining(['revision-missing', 'position-missing', 'history-lost']));
  });

  it('restores a stream that has forgotten its beginning', async () => {
    const stream = `(SELECT 'account-' || cluster FROM workspaces WHERE path = '${shop}')`;
    const cut = `(SELECT revision FROM snapshots WHERE stream = ${stream})`;
    const settings = await copyOf(
      whole,
      `UPDATE stream_heads SET first = ${cut} WHERE stream = ${stream}`,
      `DELETE FROM events WHERE stream = ${stream} AND revision < ${cut}`,
    );
    const { settings: again } = await restored(await backedUp(settings));
    expect(await findings(again)).toEqual([]);
    expect(await contents(again)).toEqual(await contents(whole));
  });

  it('refuses what is not empty, what is damaged, what is another log, and what the master keys do not open', async () => {
    const into = await backedUp(whole);
    await expect(restored(into, { settings: await copyOf(whole) })).rejects.toThrow('there are events already');
    const embedded = { ...(await empty()), databaseUrl: undefined };
    await expect(restored(folder(), { settings: embedded })).rejects.toThrow('there is no backup in');
    expect(await readdir(embedded.dataFolder)).toEqual(['master.keys']);
    const other = await settingsOver((await testPostgres()).url);
    await expect(restored(into, { settings: other })).rejects.toThrow('master key file');
    await writeFile(join(other.dataFolder, 'master.keys'), newMasterKeyLine());
    await expect(restored(into, { settings: other })).rejects.toThrow('the master key file does not belong to this backup');
    await live(other, async () => undefined);
    await expect(backUpInstallation(other, into, silentLogger)).rejects.toThrow('holds a backup of another log');
    for (const file of (await readdir(into)).filter((name) => name.endsWith('.zst'))) {
      const damaged = folder();
      await cp(into, damaged, { recursive: true });
      const bytes = await readFile(join(damaged, file));
      bytes.writeUInt8(bytes.readUInt8(bytes.length >> 1) ^ 1, bytes.length >> 1);
      await writeFile(join(damaged, file), bytes);
      const settings = await empty();
      await expect(restored(damaged, { settings })).rejects.toThrow('is not what was written');
      await rm(join(damaged, file));
      await expect(restored(damaged)).rejects.toThrow('cannot be read');
    }
  });

  it('holds no secret in clear', async () => {
    const into = await backedUp(whole);
    const { zstdDecompressSync } = await import('node:zlib');
    for (const file of await readdir(into)) {
      const bytes = await readFile(join(into, file));
      const text = file.endsWith('.zst') ? zstdDecompressSync(bytes).toString() : bytes.toString();
      expect(text).not.toContain('secret of');
      expect(text).not.toContain(Buffer.from('secret of kept').toString('base64').slice(0, 16));
    }
  });
});
