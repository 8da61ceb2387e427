import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll } from 'vitest';
import { silentLogger } from '#telemetry';
import { startEmbeddedPostgres } from '../embedded/start-embedded-postgres.ts';
import type { EmbeddedPostgres } from '../embedded/start-embedded-postgres.ts';
import { openDataSource } from '../schema/data-source.ts';
import { migrate } from '../schema/migrate.ts';
import { isAlive } from '../embedded/is-alive.ts';

/** A database of its own, its schema up to date, on the one server of this spec file. */
export type TestDatabase = { readonly url: string; readonly server: EmbeddedPostgres };

const prefix = 'tributary-spec-';
const template = 'migrated';
let starting: Promise<EmbeddedPostgres> | undefined;
let folder: string | undefined;
let count = 0;

afterAll(async () => {
  const server = await starting?.catch(() => undefined);
  await server?.stop();
  if (folder) await rm(folder, { recursive: true, force: true });
});

/** Gives a fresh database. The first call of a spec file starts the server, its end stops it. */
export async function testPostgres(): Promise<TestDatabase> {
  starting ??= start();
  const server = await starting;
  const name = `spec_${++count}`;
  await once(server.url, `CREATE DATABASE ${name} TEMPLATE ${template}`);
  return { url: databaseUrl(server, name), server };
}

/** A copy of a database that nobody is connected to, changed by statements. Answers its URL. */
export async function copyOfDatabase(url: string, statements: readonly string[]): Promise<string> {
  const name = `copy_${++count}`;
  const [source, copy, elsewhere] = [new URL(url), new URL(url), new URL(url)];
  copy.pathname = `/${name}`;
  elsewhere.pathname = '/postgres';
  await once(elsewhere.href, `CREATE DATABASE ${name} TEMPLATE ${source.pathname.slice(1)}`);
  if (statements.length > 0) await once(copy.href, statements.join(';'));
  return copy.href;
}

async function start(): Promise<EmbeddedPostgres> {
  await removeLeftovers();
  folder = await mkdtemp(join(tmpdir(), `${prefix}${process.pid}-`));
  const server = await startEmbeddedPostgres({ folder, log: silentLogger });
  await once(server.url, `CREATE DATABASE ${template}`);
  const dataSource = await openDataSource(databaseUrl(server, template));
  await migrate(dataSource);
  await dataSource.destroy();
  return server;
}

/** Servers of runs that were killed: whoever comes next stops them. */
async function removeLeftovers(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const maker = name.startsWith(prefix) ? Number(name.slice(prefix.length).split('-')[0]) : 0;
    if (maker === 0 || isAlive(maker)) continue;
    const left = join(tmpdir(), name);
    const server = await startEmbeddedPostgres({ folder: left, log: silentLogger }).catch(() => undefined);
    await server?.stop();
    await rm(left, { recursive: true, force: true });
  }
}

async function once(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(statement).finally(() => client.end());
}

function databaseUrl({ url }: EmbeddedPostgres, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.href;
}
