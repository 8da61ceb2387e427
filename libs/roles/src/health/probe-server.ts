import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { answerProbe } from '#facade-kube';
import type { Keys } from '#keys';
import type { Bridge } from '#bridge';
import type { Settings } from '#settings';
import { collectRuntimeMetrics, metricsContentType, metricsText, type Logger } from '#telemetry';
import type { Stores } from '../stores.ts';
import { partsOf } from './parts.ts';
import { watchHealth, type WatchedHealth } from './watch-health.ts';

export type ProbeOptions = {
  readonly settings: Pick<Settings, 'probeListen' | 'kafkaBrokers'>;
  readonly stores: Stores;
  readonly keys: Pick<Keys, 'find'>;
  readonly bridge?: Bridge;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
};

export type Probes = { readonly port: number; readonly started: () => void; readonly stop: () => Promise<void> };

/**
 * `/livez`, `/readyz` and `/metrics` of a role that serves nothing else, in clear and to anybody who reaches the address: nothing in them is
 * secret. Undefined where no address is set. @throws Error naming the setting, where the address cannot be listened on
 */
export async function startProbes({ settings, stores, keys, bridge, logger }: ProbeOptions): Promise<Probes | undefined> {
  const { probeListen: address, kafkaBrokers } = settings;
  if (address === undefined) return undefined;
  collectRuntimeMetrics();
  const health = watchHealth(partsOf({ stores, keys, bridge, usesKafka: kafkaBrokers !== undefined }), logger);
  const server = createServer((request, response) => {
    void answer(health, { method: request.method ?? '', url: request.url ?? '' }, response).catch(() => response.destroy());
  });
  server.requestTimeout = 10_000;
  await listening(server, address).catch((cause: NodeJS.ErrnoException) => {
    health.stop();
    throw new Error(`TRIBUTARY_PROBE_LISTEN: ${address.host}:${address.port} cannot be listened on (${cause.code})`, { cause });
  });
  const bound = server.address();
  return {
    port: typeof bound === 'object' && bound ? bound.port : address.port,
    started: health.started,
    async stop() {
      health.stop();
      server.close();
      server.closeAllConnections();
      if (server.listening) await once(server, 'close');
    },
  };
}

async function listening(server: Server, { host, port }: { readonly host: string; readonly port: number }): Promise<void> {
  server.listen(port, host);
  await once(server, 'listening');
}

type Asked = { readonly method: string; readonly url: string };

async function answer(health: WatchedHealth, { method, url }: Asked, response: ServerResponse): Promise<void> {
  const asked = URL.parse(url, 'http://probes');
  if (method !== 'GET' && method !== 'HEAD') return void response.writeHead(405, { Allow: 'GET, HEAD' }).end();
  if (asked?.pathname === '/metrics') {
    const text = await metricsText();
    return void response.writeHead(200, { 'Content-Type': metricsContentType }).end(text);
  }
  const told = asked && answerProbe(asked.pathname.split('/').slice(1), asked.searchParams, health);
  if (!told) return void response.writeHead(404).end();
  response.writeHead(told.code, told.headers).end(told.text);
}
