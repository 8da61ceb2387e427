import { once } from 'node:events';
import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { ServerCertificates } from '#access';
import { openRoot } from '#policy';
import { MemoryEventLog, MemorySnapshotStore } from '#stream';
import type { Logger } from '#telemetry';
import { House } from '#workspace';
import { rootHandler, token } from '../root-handler.ts';

export type GoldenAnswer = { readonly code: number; readonly headers: Headers; readonly text: string };

/** `log`, `snapshots`: what another server has left. `certificates`: for clients that show their token to nobody else. */
type GoldenServerOptions = {
  readonly logger?: Logger;
  readonly log?: MemoryEventLog;
  readonly snapshots?: MemorySnapshotStore;
  readonly certificates?: ServerCertificates;
};

/** The root workspace over a log in memory. Its clock stands still but for `tick`. */
export async function startGoldenServer({
  logger,
  log = new MemoryEventLog(),
  snapshots = new MemorySnapshotStore(),
  certificates,
}: GoldenServerOptions = {}) {
  let seconds = Date.UTC(2026, 0, 1) / 1000;
  const now = (): string => new Date(seconds * 1000).toISOString();
  const options = { soleWriter: true, publicUrl: 'https://mesh.test', offers: async () => [], now };
  const house = new House({ log, snapshots, ...options });
  await openRoot(house);
  const handler = rootHandler(house, logger === undefined ? {} : { logger });
  const secure = certificates && createSecureServer({ cert: certificates.certificate, key: certificates.key }, handler);
  const server = (secure ?? createServer(handler)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    token,
    tick(): void {
      seconds += 1;
    },
    async send(method: string, path: string, headers: Readonly<Record<string, string>> = {}, body = ''): Promise<GoldenAnswer> {
      const response = await fetch(`http://127.0.0.1:${port}/clusters/root${path}`, {
        method,
        headers: { authorization: `Bearer ${token}`, 'user-agent': 'curl/8', ...headers },
        ...(body === '' ? {} : { body }),
      });
      return { code: response.status, headers: response.headers, text: await response.text() };
    },
    async stop(): Promise<void> {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
      await house.close();
    },
  };
}
