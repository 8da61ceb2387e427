import { setTimeout as delay } from 'node:timers/promises';
import { hop, type Logger } from '#telemetry';
import type { Desired } from './desired.ts';
import { decodeHeaders } from './cloud-event.ts';
import { keyedWork, type KeyedWork } from './keyed-work.ts';
import type { JsonObject } from '#json';
import type { Jwk } from './jwe.ts';
import { Malformed, parseSpecMessage } from './messages.ts';
import type { ProviderChannel } from './provider-channel.ts';
import { failedStatus, type Report, statusRecord } from './report.ts';
import { openFields } from './sealed-order.ts';
import { hybridClock, isNewer } from './sequence.ts';
import { parseTopic } from './topics.ts';
import { parseRecordKey, recordKey, type WireRecord } from './wire-record.ts';

export type ProviderOptions = {
  readonly channel: ProviderChannel;
  readonly export: string;
  readonly plurals: readonly string[];
  /** Brings the instance to what is desired and answers its whole status. Called again after a throw, later and later. Must be idempotent. */
  reconcile(desired: Desired): Promise<JsonObject>;
  /** Leaves nothing of the instance. Called again after a throw; called for what is already gone. */
  release(desired: Desired): Promise<void>;
  /** Everything that existed at the start has been seen: drop what you still keep of any other uid. */
  onCaughtUp?(liveUids: ReadonlySet<string>): Promise<void>;
  /** The private keys for what orders hold encrypted: the newest's public half stands in the APIExport. Absent: there is nothing secret in them. */
  readonly orderKeys?: readonly Jwk[];
  readonly logger: Pick<Logger, 'debug' | 'info' | 'warn' | 'error'>;
  /** How many instances are worked on at once; 16 when absent. */
  readonly concurrencyMax?: number;
  /** The first wait after a throw, doubled each time up to 256 times; 200 when absent. */
  readonly retryDelayMs?: number;
  readonly nextSequence?: () => bigint;
};

export interface RunningProvider {
  /** Resolves when what existed at the start has been received, and `onCaughtUp` is done. */
  readonly caughtUp: Promise<void>;
  /** Takes no new work and resolves when what has begun is done. The channel stays open: close it afterwards. */
  stop(): Promise<void>;
}

/** Runs a provider: keeps its instances as consumers want them, and says how they are. */
export function runProvider(options: ProviderOptions): RunningProvider {
  const provider = new Provider(options);
  const { channel, export: name, plurals } = options;
  const caughtUp = Promise.withResolvers<void>();
  const sink = {
    records: (batch: readonly WireRecord[]) => batch.forEach((record) => provider.receive(record)),
    caughtUp: () => void provider.caughtUp().then(caughtUp.resolve),
  };
  const subscribed = channel.subscribe({ export: name, plurals }, sink, provider.stopping.signal);
  return {
    caughtUp: caughtUp.promise,
    async stop() {
      await provider.stop();
      await subscribed;
    },
  };
}

type Instance = { desired: Desired; gone: boolean; answered: boolean; failures: number; status: JsonObject; retry?: NodeJS.Timeout };
type Attempt = { readonly report: WireRecord | undefined; readonly failure?: unknown };

class Provider {
  readonly stopping = new AbortController();
  readonly #options: ProviderOptions;
  readonly #retryDelayMs: number;
  readonly #nextSequence: () => bigint;
  readonly #instances = new Map<string, Instance>();
  readonly #work: KeyedWork;

  constructor(options: ProviderOptions) {
    this.#options = options;
    this.#retryDelayMs = options.retryDelayMs ?? 200;
    this.#nextSequence = options.nextSequence ?? hybridClock();
    this.#work = keyedWork(options.concurrencyMax ?? 16, (key) => this.#settle(key));
  }

  receive(record: WireRecord): void {
    const news = readSpec(this.#options.channel.prefix, record);
    if (news instanceof Malformed) {
      return this.#options.logger.warn(
        { topic: record.topic, key: record.key, reason: news.reason },
        'a spec record that cannot be read was left out',
      );
    }
    const key = record.key ?? '';
    const known = this.#instances.get(key);
    if (!isNewer(news.sequence, known?.desired.sequence)) return;
    const desired = news.desired ?? (known && { ...known.desired, sequence: news.sequence });
    // A tombstone of what was never seen.
    if (!desired) return;
    clearTimeout(known?.retry);
    this.#instances.set(key, { desired, gone: !news.desired, answered: false, failures: 0, status: known?.status ?? {} });
    this.#work.wake(key);
  }

  async caughtUp(): Promise<void> {
    const { onCaughtUp, logger, export: name } = this.#options;
    const live = new Set([...this.#instances.values()].filter(({ gone }) => !gone).map(({ desired }) => desired.uid));
    try {
      await onCaughtUp?.(live);
      logger.info({ export: name, instances: live.size }, 'caught up with what consumers want');
    } catch (err) {
      logger.error({ err }, 'what vanished could not be dropped');
    }
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.#work.stop();
    for (const { retry } of this.#instances.values()) clearTimeout(retry);
  }

  /** One round of one instance. A newer order that came meanwhile stands in the map and gets a round of its own. */
  async #settle(key: string): Promise<void> {
    const instance = this.#instances.get(key);
    if (!instance || instance.answered) return;
    const superseded = (): boolean => this.stopping.signal.aborted || this.#instances.get(key) !== instance;
    const { report, failure } = await hop('provider-sdk/run-provider.ts', { key, sequence: instance.desired.sequence }, () =>
      this.#attempt(instance),
    );
    if (failure !== undefined)
      this.#options.logger.warn({ key, failures: instance.failures, err: failure }, 'an instance could not be brought to what is desired');
    if (report) await this.#send(report, superseded);
    if (superseded()) return;
    instance.answered = failure === undefined;
    if (failure !== undefined)
      instance.retry = setTimeout(() => this.#work.wake(key), this.#retryDelayMs * 2 ** Math.min(instance.failures - 1, 8));
    else if (instance.gone) this.#instances.delete(key);
  }

  async #attempt(instance: Instance): Promise<Attempt> {
    try {
      const report = await this.#answer(instance);
      return { report: report && this.#recordOf(instance.desired, report) };
    } catch (failure) {
      instance.failures += 1;
      return {
        report: this.#recordOf(instance.desired, { status: failedStatus(instance.status, instance.desired.object, failure) }),
        failure,
      };
    }
  }

  async #answer(instance: Instance): Promise<Report | undefined> {
    const { desired, gone } = instance;
    if (gone || desired.object.metadata.deletionTimestamp !== undefined) {
      await this.#options.release(desired);
      return gone ? undefined : { released: true };
    }
    // Opened for each attempt, so that nothing holds it in clear longer than the work takes.
    const object = openFields(desired.object, recordKey(desired), this.#options.orderKeys ?? []);
    instance.status = await this.#options.reconcile({ ...desired, object });
    return { status: instance.status };
  }

  #recordOf(desired: Desired, report: Report): WireRecord {
    const { channel, export: name } = this.#options;
    return statusRecord({ prefix: channel.prefix, export: name, desired, report, sequence: this.#nextSequence() });
  }

  /** An outage on the way is not the instance's failure: the report waits, until a newer order makes it stale. */
  async #send(report: WireRecord, superseded: () => boolean): Promise<void> {
    for (let failures = 0; ; failures += 1) {
      try {
        return await this.#options.channel.report(report);
      } catch (err) {
        this.#options.logger.warn({ key: report.key, err }, 'a report could not be sent; it is tried again');
      }
      if (superseded()) return;
      await delay(this.#retryDelayMs * 2 ** Math.min(failures, 5), undefined, { signal: this.stopping.signal }).catch(() => undefined);
    }
  }
}

type SpecNews = { readonly sequence: string; readonly desired: Desired | undefined };

/** Answers the order in a spec record; without `desired` it is a tombstone. */
function readSpec(prefix: string, { topic, key, value, headers }: WireRecord): SpecNews | Malformed {
  const address = parseRecordKey(key);
  const plural = parseTopic(prefix, topic)?.plural;
  const event = decodeHeaders(headers);
  if (!address || !plural) return new Malformed('neither key nor topic is of our contract');
  if (!event) return new Malformed('no CloudEvent headers');
  if (value === null) return { sequence: event.sequence, desired: undefined };
  const object = parseSpecMessage(value);
  if (object instanceof Malformed) return object;
  return { sequence: event.sequence, desired: { ...address, plural, sequence: event.sequence, object } };
}
