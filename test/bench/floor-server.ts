// The floor: what a bare Node HTTPS server does with the same request, the same certificate, and the same log. Run as a process of
// its own. POST parses the body, appends it to the stream of its workspace and answers it; GET answers bytes that it was told.
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { migrate, openDataSource, PostgresEventLog, startEmbeddedPostgres, type EmbeddedPostgres } from '#adapter-postgres';
import { noRevision, type EventLog, type NewEvent } from '#stream';
import { silentLogger } from '#telemetry';

type Waiting = { readonly event: NewEvent; readonly done: () => void };

/** Gathers what comes in while one append of its stream is under way. */
class Stream {
  readonly #log: EventLog;
  readonly #name: string;
  #revision = noRevision;
  #queue: Waiting[] = [];
  #running = false;

  constructor(log: EventLog, name: string) {
    this.#log = log;
    this.#name = name;
  }

  append(event: NewEvent, done: () => void): void {
    this.#queue.push({ event, done });
    if (!this.#running) void this.#run();
  }

  async #run(): Promise<void> {
    this.#running = true;
    while (this.#queue.length > 0) {
      const batch = this.#queue;
      this.#queue = [];
      const events = batch.map(({ event }) => event);
      const result = await this.#log.append(this.#name, this.#revision, events);
      if (result.type !== 'appended') throw new Error('nobody else appends to this log');
      this.#revision = result.revision;
      for (const { done } of batch) done();
    }
    this.#running = false;
  }
}

const [certificates = '', folder = ''] = process.argv.slice(2);
const streams = new Map<string, Stream>();
let database: EmbeddedPostgres | undefined;
let log: PostgresEventLog | undefined;
let served = Buffer.from('{}');

if (folder) {
  database = await startEmbeddedPostgres({ folder, log: silentLogger });
  const dataSource = await openDataSource(database.url);
  await migrate(dataSource);
  await dataSource.destroy();
  log = await PostgresEventLog.open({ url: database.url, soleWriter: true });
}

function answer(request: IncomingMessage, response: ServerResponse): void {
  if (request.method === 'GET') {
    response.writeHead(200, ['Content-Type', 'application/json', 'Content-Length', String(served.length)]);
    response.end(served);
    return;
  }
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const text = Buffer.concat(chunks).toString();
    const { kind } = JSON.parse(text) as { readonly kind: string };
    streamOf(request.url ?? '').append({ id: randomUUID(), type: kind, data: text }, () => {
      response.writeHead(201, ['Content-Type', 'application/json', 'Content-Length', String(Buffer.byteLength(text))]);
      response.end(text);
    });
  });
}

function streamOf(url: string): Stream {
  if (!log) throw new Error('started without a log');
  const workspace = url.split('/', 3)[2] ?? '';
  let stream = streams.get(workspace);
  if (!stream) streams.set(workspace, (stream = new Stream(log, `account-${workspace}`)));
  return stream;
}

const server = createServer(
  { key: readFileSync(join(certificates, 'server.key')), cert: readFileSync(join(certificates, 'server.crt')) },
  answer,
);
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));
process.on('message', ({ serve }: { serve: string }) => {
  served = Buffer.from(serve);
  process.send?.({ serving: served.length });
});
process.once('SIGTERM', () => {
  server.closeAllConnections();
  server.close();
  process.disconnect();
  void log?.close().then(() => database?.stop());
});
