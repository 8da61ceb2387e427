import { formatSequence, Malformed, parseRecordKey, parseStatusMessage, parseTopic } from '#provider-sdk';
import { counter, gauge, hop, type Logger } from '#telemetry';
import type { ProviderReport } from '#workspace';
import { Backoff } from './backoff.ts';
import { replayHeader, type Channel, type StatusRecord } from './channel.ts';
import { parkingKey } from './dead-letter.ts';
import type { Pump, PumpState } from './pump-health.ts';
import type { ReportPort } from './report-port.ts';

export type StatusPumpOptions = {
  readonly channel: Channel;
  readonly reports: ReportPort;
  readonly logger: Pick<Logger, 'debug' | 'info' | 'warn' | 'error'>;
  readonly retryDelayMs?: number;
};

const parkedNow = gauge({
  name: 'tributary_bridge_parked_reports',
  help: 'Objects of which a report of their provider is set aside: nothing newer shows until it is replayed or dropped.',
});
const reports = counter({
  name: 'tributary_bridge_reports_total',
  help: 'Reports of providers, by what became of them.',
  labels: { outcome: ['applied', 'duplicate', 'unknown', 'parked'] },
});

/** Carries what providers report to the workspaces; what cannot be applied is parked with the reason. */
export function runStatusPump(options: StatusPumpOptions): Pump {
  const pump = new StatusPump(options);
  const untrack = parkedNow.track({}, () => pump.parkedCount);
  const ended = pump.run().finally(untrack);
  return {
    ended,
    health: () =>
      Promise.resolve({ state: pump.state, ...(pump.lastError ? { lastError: pump.lastError } : {}), lag: BigInt(pump.inHand) }),
    async stop() {
      pump.stopping.abort();
      await ended;
    },
  };
}

class StatusPump {
  state: PumpState = 'starting';
  lastError: string | undefined;
  inHand = 0;
  readonly stopping = new AbortController();
  /** Once a key has a parked report, later ones would overtake it: they are parked too. */
  #parked = new Set<string>();
  readonly #options: StatusPumpOptions;

  get parkedCount(): number {
    return this.#parked.size;
  }

  constructor(options: StatusPumpOptions) {
    this.#options = options;
  }

  async run(): Promise<void> {
    const { channel } = this.#options;
    const parked = await this.#insist(() => channel.parked());
    if (parked) {
      this.#parked = new Set(parked.map(({ record }) => parkingKey(record.topic, record.key ?? '')));
      this.state = 'carrying';
      await this.#insist(() => channel.statuses((batch) => this.#receive(batch), this.stopping.signal).then(() => true));
    }
    this.state = 'stopped';
  }

  async #receive(batch: readonly StatusRecord[]): Promise<void> {
    this.inHand += batch.length;
    try {
      await Promise.all(perKey(batch).map((records) => this.#inOrder(records)));
    } finally {
      this.inHand -= batch.length;
    }
  }

  async #inOrder(records: readonly StatusRecord[]): Promise<void> {
    for (const record of records) await this.#apply(record);
  }

  async #apply(record: StatusRecord): Promise<void> {
    const parking = parkingKey(record.topic, record.key ?? '');
    if (record.headers[replayHeader] === 'true') this.#parked.delete(parking);
    else if (this.#parked.has(parking)) return this.#park(record, 'an earlier report of this key is parked');
    // A provider tidies its topic up.
    if (record.value === null) return;
    const report = readReport(this.#options.channel.prefix, record, record.value);
    if (report instanceof Malformed) return this.#park(record, report.reason);
    const outcome = await this.#insist(() =>
      hop('bridge/status-pump.ts', { key: record.key ?? '', sequence: report.sequence, cause: report.cause }, () =>
        this.#options.reports.report(report),
      ),
    );
    if (!outcome) throw new Error('stopped before the report was applied');
    if (outcome.type !== 'refused') reports.add({ outcome: outcome.type });
    switch (outcome.type) {
      case 'applied':
      case 'duplicate':
        return;
      case 'unknown':
        return this.#options.logger.debug({ key: record.key }, 'a report about what is gone was dropped');
      case 'refused':
        return this.#park(record, outcome.reason);
    }
  }

  async #park(record: StatusRecord, reason: string): Promise<void> {
    const { channel, logger } = this.#options;
    const { topic, partition, offset, key } = record;
    reports.add({ outcome: 'parked' });
    logger.warn({ topic, partition, offset, key, reason }, 'a report was parked');
    const kept = await this.#insist(() => channel.park({ record, reason, attempts: 1 }).then(() => true));
    if (!kept) throw new Error('stopped before the report was parked');
    // Without one of our keys nothing follows that could overtake it.
    const address = parseRecordKey(key);
    if (!address) return;
    this.#parked.add(parkingKey(topic, key ?? ''));
    const from = parseTopic(channel.prefix, topic);
    if (from?.kind !== 'status') return;
    const parked = { cluster: address.account, uid: address.uid, export: from.export, resource: from.plural, reason };
    await this.#insist(() => this.#options.reports.parked({ ...parked, cause: `${topic}/${partition}/${offset}` }).then(() => true));
  }

  /** Tries until it succeeds. Answers undefined when the pump was stopped before. */
  async #insist<Result>(attempt: () => Promise<Result>): Promise<Result | undefined> {
    const backoff = new Backoff(this.#options.retryDelayMs ?? 100, 2000);
    while (!this.stopping.signal.aborted) {
      try {
        const result = await attempt();
        if (this.state === 'retrying') this.state = 'carrying';
        this.lastError = undefined;
        return result;
      } catch (error) {
        if (this.state !== 'retrying') this.#options.logger.warn({ err: error }, 'reports wait until they can be recorded again');
        this.state = 'retrying';
        this.lastError = error instanceof Error ? error.message : String(error);
        await backoff.wait(this.stopping.signal);
      }
    }
    return undefined;
  }
}

function perKey(batch: readonly StatusRecord[]): StatusRecord[][] {
  const groups = new Map<string, StatusRecord[]>();
  for (const record of batch) {
    const key = parkingKey(record.topic, record.key ?? '');
    const group = groups.get(key);
    if (group) group.push(record);
    else groups.set(key, [record]);
  }
  return [...groups.values()];
}

function readReport(prefix: string, record: StatusRecord, value: string): ProviderReport | Malformed {
  const topic = parseTopic(prefix, record.topic);
  if (topic?.kind !== 'status') return new Malformed(`${record.topic} is no status topic`);
  const address = parseRecordKey(record.key);
  if (!address) return new Malformed('the key is not <account>/<uid>');
  const message = parseStatusMessage(value);
  if (message instanceof Malformed) return message;
  if (message.uid !== address.uid) return new Malformed(`the key names ${address.uid}, the report ${message.uid}`);
  return {
    cluster: address.account,
    uid: message.uid,
    export: topic.export,
    resource: topic.plural,
    observedGeneration: message.observedGeneration,
    sequence: formatSequence(BigInt(message.sequence)),
    status: message.status,
    released: message.released === true,
    cause: `${record.topic}/${record.partition}/${record.offset}`,
  };
}
