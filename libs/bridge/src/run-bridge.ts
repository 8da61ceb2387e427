import type { EventLog } from '#stream';
import type { Logger } from '#telemetry';
import type { Channel } from './channel.ts';
import type { PumpHealth } from './pump-health.ts';
import type { ReportPort } from './report-port.ts';
import type { SecretPort } from './order-secrets.ts';
import { runSpecPump } from './spec-pump.ts';
import { runStatusPump } from './status-pump.ts';

export type BridgeOptions = {
  readonly log: EventLog;
  readonly channel: Channel;
  readonly reports: ReportPort;
  readonly secrets?: SecretPort;
  readonly logger: Pick<Logger, 'debug' | 'info' | 'warn' | 'error'>;
  /** Told how far the channel remembers, where others need to know. */
  readonly onCheckpoint?: (position: bigint) => void;
};

export type BridgeHealth = { readonly specs: PumpHealth; readonly statuses: PumpHealth };

export interface Bridge {
  health(): Promise<BridgeHealth>;
  /** Resolves when the bridge has ended, by `stop` or because another one has taken over. */
  readonly ended: Promise<void>;
  /** Resolves when what has begun is done. The channel stays open: close it afterwards. */
  stop(): Promise<void>;
}

/** Both directions at once. A bridge that was fenced receives no reports either. */
export function runBridge({ log, channel, reports, secrets, logger, onCheckpoint }: BridgeOptions): Bridge {
  const specs = runSpecPump({ log, channel, secrets, logger, onCheckpoint });
  const statuses = runStatusPump({ channel, reports, logger });
  const ended = specs.ended.then(() => statuses.stop());
  return {
    ended,
    health: async () => ({ specs: await specs.health(), statuses: await statuses.health() }),
    async stop() {
      await Promise.all([specs.stop(), statuses.stop()]);
      await ended;
    },
  };
}
