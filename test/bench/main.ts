// Measures speed and memory against the goals and prints one table. `npm run bench -- creates watch` runs these parts only, `--quick`
// with small counts, `--profile` leaves a CPU profile of each server. `history` and `density` take long and run when they are named;
// `density --accounts 10000` takes less.
// A goal that is missed is printed, and fails nothing.
import { mkdir, readFile } from 'node:fs/promises';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { markdownTable, type Figure } from './figure.ts';
import type { Bench, Part } from './part.ts';
import { account } from './parts/account.ts';
import { apply } from './parts/apply.ts';
import { creates } from './parts/creates.ts';
import { density } from './parts/density.ts';
import { definitions } from './parts/definitions.ts';
import { get } from './parts/get.ts';
import { graphql } from './parts/graphql.ts';
import { history } from './parts/history.ts';
import { kafka } from './parts/kafka.ts';
import { list } from './parts/list.ts';
import { logYardstick } from './parts/log-yardstick.ts';
import { memory } from './parts/memory.ts';
import { openApi } from './parts/open-api.ts';
import { start } from './parts/start.ts';
import { twoApis } from './parts/two-apis.ts';
import { validate } from './parts/validate.ts';
import { viewsPart } from './parts/views.ts';
import { crowd, watch } from './parts/watch.ts';
import { TributaryServer, type ServerOptions } from './tributary-server.ts';

const parts: Readonly<Record<string, Part>> = {
  creates,
  get,
  list,
  watch,
  crowd,
  account,
  kafka,
  start,
  memory,
  apply,
  validate,
  'open-api': openApi,
  definitions,
  graphql,
  views: viewsPart,
  'log-yardstick': logYardstick,
  'two-apis': twoApis,
  history,
  density,
};

/** They take many minutes each: only who names them gets them. */
const long: ReadonlySet<string> = new Set(['history', 'density']);

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: 'boolean', default: false }, profile: { type: 'boolean', default: false }, accounts: { type: 'string' } },
});
const unknown = positionals.filter((name) => !(name in parts));
if (unknown.length > 0) {
  console.error(`no such part: ${unknown.join(', ')}; there are ${Object.keys(parts).join(', ')}`);
  process.exit(2);
}

const asked = positionals.length > 0 ? positionals : Object.keys(parts).filter((name) => !long.has(name));
const began = performance.now();
const figures: Figure[] = [];
const notes: string[] = [];
const failed: string[] = [];
let database = 'no database started';
for (const name of asked) {
  console.error(`· ${name} …`);
  const partBegan = performance.now();
  try {
    figures.push(...(await runPart(name)));
  } catch (error) {
    failed.push(name);
    console.error(error);
  }
  console.error(`  ${name} took ${((performance.now() - partBegan) / 1000).toFixed(1)} s`);
}
console.log(`${markdownTable(figures)}\n\n${await machine()}${notes.map((note) => `\n- ${note}`).join('')}`);
if (failed.length > 0) console.log(`\nnot measured, because they broke off: ${failed.join(', ')}`);
console.error(`all took ${((performance.now() - began) / 1000).toFixed(0)} s`);
process.exit(failed.length > 0 ? 1 : 0);

async function runPart(name: string): Promise<readonly Figure[]> {
  const ends: (() => unknown)[] = [];
  const profiles = values.profile ? resolve('.cache/profiles', name) : undefined;
  if (profiles) await mkdir(profiles, { recursive: true });
  const bench: Bench = {
    quick: values.quick,
    accounts: values.accounts === undefined ? undefined : Number(values.accounts),
    profiles,
    async startServer(options: ServerOptions = {}) {
      const server = await TributaryServer.start({ ...options, profiles });
      ends.push(() => server.remove());
      database = await databaseOf(server.folder).catch(() => database);
      return server;
    },
    atEnd: (end) => void ends.push(end),
    note(text) {
      notes.push(text);
      console.error(`  ${text}`);
    },
  };
  try {
    return await parts[name]!(bench);
  } finally {
    for (const end of ends.reverse()) await end();
  }
}

async function machine(): Promise<string> {
  const model = cpus()[0]?.model.trim() ?? 'unknown';
  const memoryGigabytes = (totalmem() / 2 ** 30).toFixed(0);
  return `${availableParallelism()} cores (${model}), ${memoryGigabytes} GiB, node ${process.version}, ${database}; load generator in a process of its own on the same machine${values.quick ? '; --quick: small counts, rough figures' : ''}`;
}

/** As the running server tells it: version, and the settings it was started with. */
async function databaseOf(folder: string): Promise<string> {
  const files = join(folder, 'postgres/cluster');
  const version = (await readFile(join(files, 'PG_VERSION'), 'utf8')).trim();
  const options = await readFile(join(files, 'postmaster.opts'), 'utf8');
  const setting = (name: string): string => new RegExp(`${name}=(\\w+)`).exec(options)?.[1] ?? 'as by default';
  return `PostgreSQL ${version}, fsync ${setting('fsync')}, synchronous_commit ${setting('synchronous_commit')}`;
}
