// Load of all kinds for SOAK_SECONDS (600), and a look at what the server takes meanwhile: `npm run soak`. Ends with 1 when anything grows.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { databaseUrl } from '../faults/recorded-history.ts';
import { startTributary } from '../servers/tributary.ts';
import { activities, openPlaces, type Activity, type Place } from './activities.ts';
import { Meter, type Measured } from './measure.ts';
import { trendOf, type Trend } from './trend.ts';

const seconds = Number(process.env['SOAK_SECONDS'] ?? 600);
const samplesMin = 30;

type Judged = Trend & { readonly bound: number };

/** What each may grow by after the warm-up. The log keeps everything: what it may take is per write. */
const bounds: Record<keyof Measured, (trend: Trend, writes: number) => number> = {
  rssMegabytes: ({ level }) => Math.max(24, level * 0.12),
  heapMegabytes: ({ level }) => Math.max(12, level * 0.12),
  openFiles: () => 12,
  // An event holds its object, and views, snapshots and indexes are made of it.
  databaseMegabytes: (_, writes) => Math.max(20, (writes * 6_000) / 1e6),
};

const folder = await mkdtemp(join(tmpdir(), 'tributary-soak-'));
const tokenFile = join(folder, 'tokens.csv');
await writeFile(tokenFile, '');
const server = await startTributary({ flags: ['--token-file', tokenFile] });
const meter = await Meter.open(server, await databaseUrl(join(server.folder, 'postgres')));
let failure: unknown;
try {
  const workspaces = await openPlaces(server, ['north', 'east', 'south', 'west']);
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

async function soak(place: Place): Promise<boolean> {
  const over = new AbortController();
  const begun = performance.now();
  const going = Object.values(activities).flatMap(({ atATime, does }) =>
    Array.from({ length: atATime }, (_, lane) => repeat(does, place, { lane, lanes: atATime, signal: over.signal })),
  );
  const all = Promise.all(going);
  all.catch(() => undefined);
  const samples: { readonly atSeconds: number; readonly measured: Measured; readonly requests: number }[] = [];
  const everyMs = Math.min(5_000, (seconds * 1_000) / samplesMin);
  while (performance.now() - begun < seconds * 1_000) {
    await Promise.race([pause(everyMs), all.then(() => Promise.reject(new Error('nobody is active any more')))]);
    samples.push({ atSeconds: (performance.now() - begun) / 1_000, measured: await meter.read(), requests: sum(place.counts) });
  }
  over.abort();
  await all;

  const writes = ['POST', 'PUT', 'PATCH', 'DELETE'].reduce((total, method) => total + (place.counts.get(method) ?? 0), 0);
  const judged = (Object.keys(bounds) as (keyof Measured)[]).map((measure): readonly [keyof Measured, Judged] => {
    const trend = trendOf(samples.map(({ atSeconds, measured }) => ({ atSeconds, value: measured[measure] })));
    // Two thirds of the time are judged.
    return [measure, { ...trend, bound: bounds[measure](trend, (writes * 2) / 3) }];
  });
  print(samples, judged, place.counts);
  return judged.every(([, { growth, bound }]) => growth <= bound);
}

async function repeat(
  does: Activity,
  place: Place,
  { lane, lanes, signal }: { readonly lane: number; readonly lanes: number; readonly signal: AbortSignal },
): Promise<void> {
  for (let serial = lane; !signal.aborted; serial += lanes) {
    await does(place, serial);
    await pause(10);
  }
}

function print(
  samples: readonly { readonly atSeconds: number; readonly measured: Measured; readonly requests: number }[],
  judged: readonly (readonly [string, Judged])[],
  counts: ReadonlyMap<string, number>,
): void {
  const shown = samples.filter((_, index) => index % Math.ceil(samples.length / 15) === 0 || index === samples.length - 1);
  console.log('| second | requests | RSS, MB | heap, MB | open files | database, MB |\n| --- | --- | --- | --- | --- | --- |');
  for (const { atSeconds, requests, measured } of shown) {
    const { rssMegabytes, heapMegabytes, openFiles, databaseMegabytes } = measured;
    const cells = [atSeconds, requests, rssMegabytes, heapMegabytes, openFiles, databaseMegabytes].map((value) => value.toFixed(0));
    console.log(`| ${cells.join(' | ')} |`);
  }
  console.log('\n| measure | level | growth after the warm-up | bound | an hour of it | flat |\n| --- | --- | --- | --- | --- | --- |');
  for (const [measure, { level, growth, bound, perHour }] of judged) {
    const cells = [level, growth, bound, perHour].map((value) => value.toFixed(1));
    console.log(`| ${measure} | ${cells.join(' | ')} | ${growth <= bound ? 'yes' : '**no**'} |`);
  }
  console.log(`\nrequests: ${[...counts].map(([what, count]) => `${count} ${what}`).join(', ')}`);
}

function sum(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((total, count) => total + count, 0);
}
