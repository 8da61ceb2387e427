import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { WebSocket } from 'ws';
import { customKind, specOfDefinition, type KubeObject, type ServedKind } from '#kube';
import { SchemaCache } from '#testing/facade-graphql';
import { builtinKinds } from '#workspace';
import { crdShapes, readShape } from '../../conformance/crd-shapes/shapes.ts';
import { instanceText } from '../bench-export.ts';
import { openStream, Connection } from '../connection.ts';
import { ConnectionPool } from '../connection-pool.ts';
import { Consumer, instancesPath, requestText } from '../consumer.ts';
import type { Figure } from '../figure.ts';
import { Latencies, milliseconds, spread } from '../latencies.ts';
import { Load } from '../load.ts';
import { atRate, until } from '../pace.ts';
import type { Bench } from '../part.ts';
import { settledMegabytes } from '../resident.ts';
import { stamp, stampScanner } from '../stamp.ts';
import type { TributaryServer } from '../tributary-server.ts';

const kindsOfSchema = 50;

/** What GraphQL costs beside REST: schemas, a list, and many who follow one workspace. */
export async function graphql(bench: Bench): Promise<readonly Figure[]> {
  const ofSchemas = await schemas(bench.quick ? 5 : 20);
  const ofMemory = await idle(bench);
  const server = await bench.startServer();
  const consumer = await Consumer.of(server);
  bench.atEnd(() => consumer.close());
  await consumer.openHouse();
  const ofFollowers = await followers(bench, server, consumer);
  return [...ofSchemas, await list(bench, server, consumer), ofMemory, ofFollowers, ...(await tables(bench, server, consumer))];
}

/** Kinds like well-known ones, no two of them the same value. */
function manyKinds(serial: number): readonly ServedKind[] {
  const shapes = Object.keys(crdShapes);
  return Array.from({ length: kindsOfSchema }, (_, index) => {
    const { definition } = readShape(shapes[index % shapes.length] ?? '');
    const spec = specOfDefinition(definition as unknown as KubeObject);
    return customKind({ ...spec, group: `g${index}.s${serial}.${spec.group}` });
  });
}

async function schemas(rounds: number): Promise<readonly Figure[]> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const [first, cached] = [new Latencies(), new Latencies()];
  const cache = new SchemaCache();
  // The code is compiled, and what all workspaces serve is made: what is measured is a workspace beside others.
  cache.of([...builtinKinds, ...manyKinds(-1)]);
  const kinds = Array.from({ length: rounds }, (_, serial) => [...builtinKinds, ...manyKinds(serial)]);
  // Each in a turn of its own, as for a request: what fades does so when its turn is over.
  await nextTurn();
  collect();
  const before = process.memoryUsage().heapUsed;
  for (const served of kinds) {
    await nextTurn();
    first.push(timeOf(() => cache.of(served)));
    cached.push(timeOf(() => cache.of(served)));
  }
  await nextTurn();
  collect();
  const megabytes = (process.memoryUsage().heapUsed - before) / rounds / 2 ** 20;
  const figure = (name: string, latencies: Latencies, goalMs: number): Figure => ({
    figure: `GraphQL schema of ${kindsOfSchema} kinds beside the built-in ones: ${name}`,
    measured: spread(latencies),
    floor: '',
    verdict: `p50 ${milliseconds(latencies.percentile(50))}`,
    goal: `≤ ${goalMs} ms`,
    met: latencies.percentile(50) <= goalMs,
  });
  return [
    figure('first time', first, 150),
    figure('from the cache', cached, 1),
    {
      figure: `GraphQL schema of ${kindsOfSchema} kinds: heap`,
      measured: `${megabytes.toFixed(2)} MB`,
      floor: '',
      verdict: `${megabytes.toFixed(2)} MB`,
      goal: '≤ 2 MB',
      met: megabytes <= 2,
    },
  ];
}

function timeOf(run: () => unknown): number {
  const began = performance.now();
  run();
  return performance.now() - began;
}

const endpoint = (workspace: string): string => `/api/clusters/${workspace}/graphql`;
const asks = (server: TributaryServer, workspace: string, query: string): string =>
  requestText(server, 'POST', endpoint(workspace), JSON.stringify({ query }));

const tenFields =
  'metadata { name namespace uid resourceVersion generation creationTimestamp } spec { region replicas note } status { url }';

async function list(bench: Bench, server: TributaryServer, consumer: Consumer): Promise<Figure> {
  const objects = 1_000;
  const workspace = await consumer.openBoundAccount('listed');
  const fill = await Load.open(server.address, 32, (_, serial) =>
    requestText(server, 'POST', instancesPath(workspace), instanceText(`bin-${serial}`, 'listed')),
  );
  await fill.send(objects);
  fill.close();
  const connection = await Connection.open(server.address);
  bench.atEnd(() => connection.close());
  const overRest = requestText(server, 'GET', instancesPath(workspace));
  const overGraphql = asks(
    server,
    workspace,
    `{ bench_tributary_io { v1alpha1 { HttpBins(namespace: "default") { items { ${tenFields} } } } } }`,
  );
  const [rest, graph] = [new Latencies(), new Latencies()];
  for (let round = bench.quick ? -3 : -20; round < (bench.quick ? 10 : 100); round += 1) {
    for (const [request, latencies] of [
      [overRest, rest],
      [overGraphql, graph],
    ] as const) {
      const sentAt = performance.now();
      const { status, body } = await connection.send(request);
      if (status !== 200 || body.length < objects * 100) throw new Error(`a list was answered ${status}: ${body.toString().slice(0, 400)}`);
      if (round >= 0) latencies.push(performance.now() - sentAt);
    }
  }
  const ratio = graph.percentile(50) / rest.percentile(50);
  return {
    figure: `GraphQL list of ${objects} objects with 10 fields`,
    measured: spread(graph),
    floor: `REST ${spread(rest)}`,
    verdict: `p50 ${ratio.toFixed(2)} × REST`,
    goal: '≤ 2 × REST',
    met: ratio <= 2,
  };
}

/** Pages of a large table, one after the other, in turn as they are wanted for the first time and again; and how long others wait meanwhile. */
async function tables(bench: Bench, server: TributaryServer, consumer: Consumer): Promise<readonly Figure[]> {
  const objects = bench.quick ? 2_000 : 10_000;
  const workspace = await consumer.openBoundAccount('tabled');
  const fill = await Load.open(server.address, 32, (_, serial) =>
    requestText(server, 'POST', instancesPath(workspace), instanceText(`bin-${serial}`, `note ${(serial * 7919) % 10_007}`)),
  );
  await fill.send(objects);
  fill.close();
  const before = await settledMegabytes(server.pid, 1_500);
  const [asking, waiting] = [await Connection.open(server.address), await Connection.open(server.address)];
  const page = (sort: string, search: string): string =>
    asks(
      server,
      workspace,
      `{ tableRows(group: "bench.tributary.io", resource: "httpbins", sort: "${sort}", filter: [{ column: "Health", notIn: ["Failed"] }],
        search: "${search}", page: { limit: 50 }) { rows { cells name health { word turn reason } } total continue } }`,
    );
  const send = async (request: string, into?: Latencies): Promise<void> => {
    const sentAt = performance.now();
    const { status, body } = await asking.send(request);
    if (status !== 200 || !body.includes('"total":')) throw new Error(`a table was answered ${status}: ${body.toString().slice(0, 400)}`);
    into?.push(performance.now() - sentAt);
  };
  const [first, again, meanwhile] = [new Latencies(), new Latencies(), new Latencies()];
  const small = requestText(server, 'GET', `${instancesPath(workspace)}/bin-1`);
  let isOver = false;
  const others = (async () => {
    while (!isOver) {
      const sentAt = performance.now();
      await waiting.send(small);
      meanwhile.push(performance.now() - sentAt);
    }
  })();
  for (let round = -3; round < (bench.quick ? 8 : 30); round += 1) {
    // Another order, or other words, than any before: made anew.
    const request = page(round % 2 === 0 ? '-.spec.note,.metadata.creationTimestamp' : 'Health,-Name', `bin ${Math.abs(round)}`);
    await send(request, round < 0 ? undefined : first);
    await send(request, round < 0 ? undefined : again);
  }
  isOver = true;
  await others;
  // The server closes connections on which nothing is asked.
  for (const connection of [asking, waiting]) connection.close();
  const after = await settledMegabytes(server.pid, 1_500);
  const figure = (name: string, latencies: Latencies, percentile: number, goalMs: number): Figure => ({
    figure: `GraphQL table of ${objects} rows, ${name}`,
    measured: spread(latencies),
    floor: `RSS ${before.toFixed(0)} → ${after.toFixed(0)} MB`,
    verdict: `p${percentile} ${milliseconds(latencies.percentile(percentile))}`,
    goal: `≤ ${goalMs} ms`,
    met: latencies.percentile(percentile) <= goalMs,
  });
  return [
    figure('filtered, searched and sorted for the first time: a page', first, 99, 100),
    figure('the same again', again, 99, 100),
    figure('how long a GET beside it takes', meanwhile, 99, 50),
  ];
}

const following =
  'subscription { bench_tributary_io_v1alpha1_httpbins(namespace: "default") { type object { metadata { name } spec { note } } } }';

/** What the server holds once it has done what it was asked for: resident memory falls and rises with collections, this does not. */
async function leftBytes({ collections }: TributaryServer): Promise<number> {
  if (!collections) throw new Error('this server was not started to be asked what a collection leaves');
  const [stillMs, tolerance] = [1_000, 100_000];
  let last = Number.NaN;
  return until('what is in use stays', async () => {
    const now = await collections.left();
    if (Math.abs(now - last) <= tolerance) return now;
    last = now;
    await pause(stillMs);
    return undefined;
  });
}

/** Over few connections, so that what is counted is the subscriptions and not their TLS; in a server of its own, for a collection by hand changes how others are fast. */
async function idle(bench: Bench): Promise<Figure> {
  const server = await bench.startServer({ collects: true });
  const consumer = await Consumer.of(server);
  await consumer.openHouse();
  // One user may have two thousand.
  const [sockets, perSocket] = [bench.quick ? 5 : 15, 100];
  const workspace = await consumer.openBoundAccount('idle');
  const { host, port, ca } = server.address;
  const opened = await Promise.all(
    Array.from({ length: sockets }, async () => {
      const socket = new WebSocket(`wss://${host}:${port}${endpoint(workspace)}`, 'graphql-transport-ws', {
        ca,
        headers: { authorization: `Bearer ${server.token}` },
      });
      bench.atEnd(() => socket.terminate());
      await new Promise((resolve, reject) => {
        socket.once('error', reject);
        socket.once('message', resolve);
        socket.once('open', () => socket.send('{"type":"connection_init"}'));
      });
      return socket;
    }),
  );
  const query = JSON.stringify(following);
  const subscribe = (socket: WebSocket, id: number): void => socket.send(`{"id":"${id}","type":"subscribe","payload":{"query":${query}}}`);
  // One each first: what all of a kind share is no part of the next one.
  for (const socket of opened) subscribe(socket, 0);
  const before = await leftBytes(server);
  for (const socket of opened) for (let id = 1; id < perSocket; id += 1) subscribe(socket, id);
  const after = await leftBytes(server);
  const count = sockets * (perSocket - 1);
  // A write reaches all of them: they are there.
  let told = 0;
  for (const socket of opened) socket.on('message', () => (told += 1));
  await consumer.ask('POST', instancesPath(workspace), JSON.parse(instanceText('told', 'to all')) as object);
  await until('all are told', () => told >= sockets * perSocket || undefined, 60_000);
  for (const socket of opened) socket.close();
  consumer.close();
  await server.stop();
  const kilobytes = (after - before) / 1024 / count;
  return {
    figure: `memory per idle GraphQL subscription (${count} over ${sockets} WebSockets)`,
    measured: `in use after a collection ${(before / 2 ** 20).toFixed(1)} → ${(after / 2 ** 20).toFixed(1)} MB`,
    floor: '',
    verdict: `${kilobytes.toFixed(1)} KB`,
    goal: '≤ 20 KB',
    // Where more went than came to it, nothing was measured.
    met: kilobytes > 0 && kilobytes <= 20,
  };
}

async function followers(bench: Bench, server: TributaryServer, consumer: Consumer): Promise<Figure> {
  const [subscriptions, writesPerSecond] = [bench.quick ? 200 : 1_000, 100];
  const workspace = await consumer.openBoundAccount('followed');
  const pool = await ConnectionPool.open(server.address, 16);
  bench.atEnd(() => pool.close());
  let latencies = new Latencies();
  const request = asks(server, workspace, following).replace('Accept: application/json', 'Accept: text/event-stream');
  for (let index = 0; index < subscriptions; index += 1) {
    const scan = stampScanner((sentAt) => latencies.push(performance.now() - sentAt));
    const stream = await openStream(server.address, request, scan);
    bench.atEnd(() => stream.close());
  }
  let serial = 0;
  const write = async (): Promise<void> => {
    const name = `bin-${String((serial += 1)).padStart(8, '0')}`;
    const { status, body } = await pool.send(() =>
      requestText(server, 'POST', instancesPath(workspace), instanceText(name, stamp(performance.now()))),
    );
    if (status !== 201) throw new Error(`a write was answered ${status}: ${body.toString()}`);
  };
  const delivered = async (seconds: number): Promise<void> => {
    latencies = new Latencies();
    const count = seconds * writesPerSecond;
    await atRate(writesPerSecond, count, write);
    await until(`${count} events reach ${subscriptions}`, () => latencies.count >= count * subscriptions || undefined, 60_000);
  };
  await delivered(bench.quick ? 1 : 3);
  await delivered(bench.quick ? 2 : 10);
  const p99 = latencies.percentile(99);
  return {
    figure: `write to GraphQL event, ${subscriptions} subscriptions on one workspace, ${writesPerSecond} writes/s`,
    measured: spread(latencies),
    floor: '',
    verdict: `p99 ${milliseconds(p99)}`,
    goal: 'p99 ≤ 150 ms',
    met: p99 <= 150,
  };
}
