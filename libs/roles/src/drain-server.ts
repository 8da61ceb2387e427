import type { Server } from 'node:http';
import { Server as NetServer } from 'node:net';
import type { Drain } from '#facade-kube';
import type { Settings } from '#settings';
import type { Logger } from '#telemetry';
import type { WatchedHealth } from './health/watch-health.ts';

export type Drained = {
  readonly drain: Drain;
  readonly health: Pick<WatchedHealth, 'stopping'>;
  readonly settings: Pick<Settings, 'shutdownDelaySeconds' | 'shutdownSecondsMax'>;
  readonly logger: Logger;
};

/**
 * The end of a server, in the order in which nothing is lost: `/readyz` says no, those who route requests have time to notice, watches end, no
 * new connection is taken, what is being answered is answered. What takes longer than it may is cut off by whoever closes the server next.
 */
export async function drainServer(server: Server, { drain, health, settings, logger }: Drained): Promise<void> {
  health.stopping();
  await drain.begin(settings.shutdownDelaySeconds * 1_000);
  // The HTTP server's own close would cut connections whose answers are ended and not yet sent.
  if (server.listening) NetServer.prototype.close.call(server);
  const isIdle = await drain.idle(settings.shutdownSecondsMax * 1_000);
  if (!isIdle) logger.warn({ seconds: settings.shutdownSecondsMax }, 'requests are cut off: they took longer than the shutdown may');
}
