import { setTimeout as pause } from 'node:timers/promises';
import { instanceText } from '../bench-export.ts';
import { Connection } from '../connection.ts';
import { Consumer, instancesPath, requestText } from '../consumer.ts';
import type { Figure } from '../figure.ts';
import { Latencies, milliseconds, spread } from '../latencies.ts';
import { Load } from '../load.ts';
import type { Bench } from '../part.ts';
import type { TributaryServer } from '../tributary-server.ts';

const goalMs = 50;
const everyMs = 5;

/** LIST of many objects: how soon it begins, and what it does to everyone else. */
export async function list(bench: Bench): Promise<readonly Figure[]> {
  const objects = bench.quick ? 2_000 : 10_000;
  const server = await bench.startServer();
  const consumer = await Consumer.of(server);
  bench.atEnd(() => consumer.close());
  await consumer.openHouse();
  const workspace = await consumer.openBoundAccount('list');
  const fill = await Load.open(server.address, 64, (_, serial) =>
    requestText(server, 'POST', instancesPath(workspace), instanceText(`bin-${String(serial).padStart(6, '0')}`, 'listed')),
  );
  await fill.send(objects);
  fill.close();

  const figures: Figure[] = [];
  for (const encoding of ['identity', 'gzip'] as const) {
    const { firstByte, whole, meanwhile, bytes } = await measure(server, consumer, {
      workspace,
      objects,
      encoding,
      lists: bench.quick ? 4 : 15,
    });
    bench.note(
      `LIST ${encoding}: ${(bytes / 1e6).toFixed(1)} MB, first byte ${spread(firstByte)}; whole ${spread(whole)}; GETs meanwhile ${spread(meanwhile)}`,
    );
    const [first, delay] = [firstByte.percentile(100), meanwhile.percentile(100)];
    figures.push(
      {
        figure: `LIST of ${objects} objects (${encoding}, ${(bytes / 1e6).toFixed(1)} MB): first byte`,
        measured: spread(firstByte),
        floor: '',
        verdict: `max ${milliseconds(first)}`,
        goal: `≤ ${goalMs} ms`,
        met: first <= goalMs,
      },
      {
        figure: `a GET every ${everyMs} ms during that LIST`,
        measured: spread(meanwhile),
        floor: '',
        verdict: `max ${milliseconds(delay)}`,
        goal: `≤ ${goalMs} ms`,
        met: delay <= goalMs,
      },
    );
  }
  return figures;
}

type Lists = { readonly workspace: string; readonly objects: number; readonly encoding: string; readonly lists: number };

async function measure(server: TributaryServer, consumer: Consumer, { workspace, objects, encoding, lists }: Lists) {
  const [listing, getting] = await Promise.all([Connection.open(server.address), Connection.open(server.address)]);
  const listRequest = requestText(server, 'GET', instancesPath(workspace)).replace('\r\n\r\n', `\r\nAccept-Encoding: ${encoding}\r\n\r\n`);
  const getRequest = requestText(server, 'GET', `${instancesPath(workspace)}/bin-000000`);
  const [firstByte, whole, meanwhile] = [new Latencies(), new Latencies(), new Latencies()];
  let bytes = 0;
  for (let round = 0; round < lists; round++) {
    // A write before each list: nothing that was made for the list before is good for this one.
    await consumer.ask(
      'POST',
      instancesPath(workspace),
      JSON.parse(instanceText(`new-${encoding}-${round}`, 'written between lists')) as object,
    );
    let listed = false;
    const gets = getsUntil(() => listed, { connection: getting, request: getRequest, latencies: meanwhile });
    await pause(20);
    const sentAt = performance.now();
    const reply = await listing.send(listRequest);
    listed = true;
    await gets;
    if (reply.status !== 200) throw new Error(`LIST was answered ${reply.status}`);
    if (encoding === 'identity' && round === 0) assertWhole(reply.body, objects);
    bytes = reply.body.length;
    firstByte.push(reply.firstByteAt - sentAt);
    whole.push(reply.lastByteAt - sentAt);
  }
  listing.close();
  getting.close();
  return { firstByte, whole, meanwhile, bytes };
}

type Gets = { readonly connection: Connection; readonly request: string; readonly latencies: Latencies };

/** What waits in line behind a slow answer counts from when it was due. */
async function getsUntil(done: () => boolean, { connection, request, latencies }: Gets): Promise<void> {
  let due = performance.now();
  while (!done()) {
    // A timer may come a moment early.
    const since = Math.min(due, performance.now());
    const { status } = await connection.send(request);
    if (status !== 200) throw new Error(`GET was answered ${status}`);
    latencies.push(performance.now() - since);
    due += everyMs;
    const wait = due - performance.now();
    if (wait > 0) await pause(wait);
    else due = performance.now();
  }
}

function assertWhole(body: Buffer, objects: number): void {
  const { items } = JSON.parse(body.toString()) as { readonly items: readonly unknown[] };
  if (items.length < objects) throw new Error(`LIST answered ${items.length} of ${objects} objects`);
}
