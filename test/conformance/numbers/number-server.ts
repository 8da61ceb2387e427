import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { openRoot } from '#policy';
import { MemoryEventLog, MemorySnapshotStore, type RecordedEvent } from '#stream';
import { House } from '#workspace';
import { rootHandler, token } from '../root-handler.ts';

/** A log of which whoever comes later gets the texts only, as from a database. */
class TextLog extends MemoryEventLog {
  override async *readStream(stream: string, from: bigint): AsyncGenerator<RecordedEvent> {
    for await (const { decoded: _, ...event } of super.readStream(stream, from)) yield event;
  }
}

/** The root workspace over stores in memory, which can be left and entered again. All is spoken as text. */
export async function startNumberServer() {
  const stores = { log: new TextLog(), snapshots: new MemorySnapshotStore() };
  const open = (): House => new House({ ...stores, soleWriter: true, publicUrl: 'https://mesh.test', offers: async () => [] });
  let house = open();
  await openRoot(house);
  let handler = rootHandler(house);
  const server = createServer((request, response) => handler(request, response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const root = `http://127.0.0.1:${(server.address() as AddressInfo).port}/clusters/root`;
  const ask = (method: string, path: string, headers: Readonly<Record<string, string>> = {}, body = ''): Promise<Response> =>
    fetch(`${root}${path}`, { method, headers: { authorization: `Bearer ${token}`, ...headers }, ...(body === '' ? {} : { body }) });
  return {
    ask,
    /** The answer's text. @throws Error where it is a refusal */
    async expect(method: string, path: string, contentType = 'application/json', body = ''): Promise<string> {
      const response = await ask(method, path, { 'content-type': contentType }, body);
      const text = await response.text();
      if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
      return text;
    },
    async restart(withSnapshot: boolean): Promise<void> {
      if (withSnapshot) await (await house.accounts.account('root')).saveSnapshot();
      else await stores.snapshots.remove('account-root');
      await house.close();
      house = open();
      handler = rootHandler(house);
    },
    async stop(): Promise<void> {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
      await house.close();
    },
  };
}
