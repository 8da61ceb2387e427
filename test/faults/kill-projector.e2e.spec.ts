import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { migrate, openDataSource, PostgresEventLog, PostgresViewStore } from '#adapter-postgres';
import { viewNames, ViewPositions } from '#projection';
import { testPostgres } from '#testing/adapter-postgres';
import { databaseWay, type DatabaseWay } from '../servers/database-way.ts';
import { RoleProcess } from '../servers/tributary-role.ts';
import { untilTrue } from '../servers/tributary-until.ts';
import { prepareTributary, type TributaryServer } from '../servers/tributary.ts';
import { expectVerified } from './expect-verified.ts';
import { openAccount } from './gadgets.ts';
import { killInMidst } from './kills.ts';

const kills = 6;
const freezes = 2;
const writers = 4;
/** How long the projector waits for each answer of the database: a kill falls between two statements, if there are two. */
const answerDelayMs = 25;
const org = 'root:orgs:views';
const maps = `/clusters/${org}/api/v1/namespaces/default/configmaps`;

let url: string;
let server: TributaryServer;
let projector: RoleProcess;
let way: DatabaseWay;
let close: () => Promise<void>;
let ask: <Row>(text: string) => Promise<readonly Row[]>;
let store: PostgresViewStore;
let positions: ViewPositions;

beforeAll(async () => {
  ({ url } = await testPostgres());
  server = await prepareTributary({ env: { DATABASE_URL: url }, flags: ['--no-demo'] });
  const keys = { TRIBUTARY_DATA: server.folder, TRIBUTARY_MASTER_KEY_FILE: join(server.folder, 'master.keys') };
  way = await databaseWay(url);
  way.slow(answerDelayMs);
  projector = new RoleProcess('projector', { DATABASE_URL: way.url, ...keys });
  const dataSource = await openDataSource(url);
  await migrate(dataSource);
  ask = (text) => dataSource.query(text);
  await ask(notingStepsBack);
  const log = await PostgresEventLog.open({ url });
  close = async () => {
    await log.close();
    await dataSource.destroy();
  };
  store = new PostgresViewStore(dataSource);
  positions = new ViewPositions(store, log);
  await server.start();
  await projector.start();
  await openAccount(server.client, { parent: 'root:orgs', name: 'views', type: 'org' });
});
afterAll(async () => {
  await projector?.kill9();
  await way?.close();
  await server?.remove();
  await close?.();
});
beforeEach(({ onTestFailed }) => onTestFailed(() => console.error(`${server?.logs}\n--- projector ---\n${projector?.logs}`)));

/** Writes, changes and deletes, whoever is there to take it. */
async function write(writer: number, signal: AbortSignal): Promise<void> {
  for (let serial = 0; !signal.aborted; serial++) {
    const name = `w${writer}-${serial}`;
    const body = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name, labels: { writer: `w${writer}` } },
      data: { serial: `${serial}` },
    };
    const older = `${maps}/w${writer}-${Math.floor(serial / 2)}`;
    const patch = { body: { data: { changed: `${serial}` } }, contentType: 'application/merge-patch+json' };
    // While the server is down, nothing is answered; what became of it, the log says.
    await server.client.call('POST', maps, { body }).catch(() => undefined);
    if (serial % 3 === 0) await server.client.call('PATCH', older, patch).catch(() => undefined);
    if (serial % 5 === 0) await server.client.call('DELETE', older).catch(() => undefined);
  }
}

/** The database notes every step back that a view makes, however short it is. */
const notingStepsBack = `
  CREATE TABLE steps_back (view text, position bigint, back_to bigint);
  CREATE FUNCTION note_step_back() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN INSERT INTO steps_back VALUES (OLD.view, OLD.position, NEW.position); RETURN NULL; END $$;
  CREATE TRIGGER note_step_back AFTER UPDATE ON view_states
    FOR EACH ROW WHEN (NEW.position < OLD.position) EXECUTE FUNCTION note_step_back()`;

async function expectAllCaughtUp(): Promise<void> {
  for (const view of viewNames) expect(await positions.caughtUp(view, 30_000)).toEqual({ type: 'reached' });
}

async function moreEvents(count: bigint): Promise<void> {
  const { position } = await store.state('resources');
  await untilTrue(`${count} more positions are in the view`, async () => (await store.state('resources')).position >= position + count);
}

/** Whoever leads stands still, and another takes its place: when it goes on, it believes that it leads, and has changes in hand. */
async function freezeWhoLeads(): Promise<void> {
  await killInMidst(server, 'tributary');
  await expectAllCaughtUp();
  await server.start();
  await moreEvents(20n);
  await untilTrue('it stands still outside of a transaction, which nobody could lead past', async () => {
    projector.pause();
    const open = await ask(`SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle in transaction'`);
    if (open.length > 0) projector.resume();
    return open.length === 0;
  });
  await ask(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'tributary leader'`,
  );
  await expectAllCaughtUp();
  projector.resume();
  await moreEvents(50n);
}

test(`whoever keeps the views is killed ${kills} times and frozen ${freezes} times under load: another goes on, no view ever goes back, and all are what a replay makes of the log`, async () => {
  const writing = new AbortController();
  const load = Array.from({ length: writers }, (_, writer) => write(writer, writing.signal));
  for (let kill = 0; kill < kills; kill++) {
    const killed = kill % 2 === 0 ? server : projector;
    await moreEvents(20n);
    await killInMidst(killed, killed === server ? 'tributary' : 'projector');
    // The one that is left keeps every view.
    await expectAllCaughtUp();
    await killed.start();
  }
  for (let freeze = 0; freeze < freezes; freeze++) await freezeWhoLeads();
  writing.abort();
  await Promise.all(load);
  await expectAllCaughtUp();
  expect(await ask('SELECT * FROM steps_back')).toEqual([]);
  expect(await store.failures()).toEqual([]);

  await projector.stop();
  await server.stop();
  await expectVerified(['--data', server.folder, '--database-url', url]);
  const { position } = await store.state('resources');
  expect(position).toBeGreaterThan(200n);
});
