// Load of all kinds for SOAK_SECONDS (600), and a look at what the server takes meanwhile: `npm run soak`. Ends with 1 when anything grows.
import { setMaxListeners } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { databaseUrl } from '../faults/recorded-history.ts';
import { collecting } from '../servers/collecting.ts';
import { startTributary } from '../servers/tributary.ts';
import { activities, openPlaces } from './activities.ts';
import { Meter, type Measured } from './measure.ts';
import type { Activity, Place } from './place.ts';
import { print } from './print.ts';
import { judge, type Bounds, type Sample } from './judge.ts';

const seconds = Number(process.env['SOAK_SECONDS'] ?? 600);
const samplesMin = 30;
/** Seldom, so that the process is not kept smaller than it would keep itself. */
const collectionsPerSoak = 15;

/** What each may grow by after the warm-up. The log keeps everything: what it may take is per write. */
const bounds: Bounds = {
  // Of memory in use nothing may grow but what the collector leaves from one time to the next.
  liveMegabytes: ({ level }) => Math.max(6, level * 0.06),
  // V8 collects when it likes to, and malloc gives nothing back from between what is in use.
  rssMegabytes: ({ level }) => Math.max(24, level * 0.12),
  openFiles: () => 12,
  timers: () => 12,
  connections: () => 2,
  // An event holds its object, and views, snapshots and indexes are made of it.
  databaseMegabytes: (_, writes) => Math.max(20, (writes * 6_000) / 1e6),
  // PostgreSQL tidies up once a fifth of a table is dead, and looks once a minute.
  deadMegabytes: (_, writes) => Math.max(20, (writes * 1_500) / 1e6),
};

const folder = await mkdtemp(join(tmpdir(), 'tributary-soak-'));
const tokenFile = join(folder, 'tokens.csv');
await writeFile(tokenFile, '');
const collectedFile = join(folder, 'collected.json');
const server = await startTributary({
  // Full within the warm-up: that it stays full and no more is what is looked at.
  flags: ['--token-file', tokenFile, '--recent-changes', '4'],
  env: collecting(collectedFile),
});
const meter = await Meter.open(server, await databaseUrl(join(server.folder, 'postgres')), collectedFile);
let failure: unknown;
try {
  const workspaces = await openPlaces({ server }, ['north', 'east', 'south', 'west']);
  process.exitCode = (await soak({ server, workspaces, tokenFile, counts: new Map() })) ? 0 : 1;
} catch (error) {
  failure = error;
  process.exitCode = 1;
} finally {
  await meter.close();
  if (failure !== undefined) console.error(failure, server.logs.slice(-4000));
  await server.remove();
  await rm(folder, { recursive: true, force: true });
}
process.exit();

async function soak(at: Omit<Place, 'over'>): Promise<boolean> {
  const over = new AbortController();
  const place = { ...at, over: over.signal };
  setMaxListeners(0, over.signal);
  const begun = performance.now();
  const going = Object.values(activities).flatMap(({ atATime, does }) =>
    Array.from({ length: atATime }, (_, lane) => repeat(does, place, { lane, lanes: atATime })),
  );
  const all = Promise.all(going);
  all.catch(() => undefined);
  const samples: Sample[] = [];
  const everyMs = Math.min(5_000, (seconds * 1_000) / samplesMin);
  for (let collections = 0; performance.now() - begun < seconds * 1_000;) {
    await Promise.race([pause(everyMs), all.then(() => Promise.reject(new Error('nobody is active any more')))]);
    const atSeconds = (performance.now() - begun) / 1_000;
    const measured: Measured = await meter.read();
    const isDue = atSeconds >= ((collections + 1) * seconds) / collectionsPerSoak;
    if (isDue) collections += 1;
    samples.push({ atSeconds, measured, requests: sum(place.counts), ...(isDue ? { liveMegabytes: await meter.live() } : {}) });
  }
  over.abort();
  await all;
  const judged = judge(samples, bounds, writesIn(place.counts));
  print({ samples, judged, counts: place.counts, tables: await meter.tables() });
  return judged.every(({ growth, bound }) => growth <= bound);
}

function writesIn(counts: ReadonlyMap<string, number>): number {
  return ['POST', 'PUT', 'PATCH', 'DELETE'].reduce((total, method) => total + (counts.get(method) ?? 0), 0);
}

async function repeat(does: Activity, place: Place, { lane, lanes }: { readonly lane: number; readonly lanes: number }): Promise<void> {
  for (let serial = lane; !place.over.aborted; serial += lanes) {
    await does(place, serial);
    await pause(10);
  }
}

function sum(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((total, count) => total + count, 0);
}
