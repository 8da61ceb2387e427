import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '#telemetry';
import { decodeHeaders } from './cloud-event.ts';
import { keyedWork } from './keyed-work.ts';
import { Malformed, parseSpecMessage, type JsonObject, type SpecMessage } from './messages.ts';
import type { ProviderChannel } from './provider-channel.ts';
import { failedStatus, type Report, statusRecord } from './report.ts';
import { hybridClock, isNewer } from './sequence.ts';
import { parseTopic } from './topics.ts';
import { parseRecordKey, type WireRecord } from './wire-record.ts';

/** One instance as a consumer wants it now. */
export type Desired = {
  /** Cluster name of the consumer's workspace. */
  readonly account: string;
  readonly uid: string;
  readonly plural: string;
  /** Where the consumer's account stood, digits. */
  readonly sequence: string;
  readonly object: SpecMessage;
};

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

type Instance = { desired: Desired; gone: boolean; answered: boolean; failures: number; status: JsonObject; retry?: NodeJS.Timeout };

/** Runs a provider: keeps its instances as consumers want them, and says how they are. */
export function runProvider(options: ProviderOptions): RunningProvider {
  const { channel, logger, retryDelayMs = 200, nextSequence = hybridClock() } = options;
  const instances = new Map<string, Instance>();
  const stopping = new AbortController();
  let subscribed: Promise<void> = Promise.resolve();
  const work = keyedWork(options.concurrencyMax ?? 16, (key) => settle(key));

  const receive = (record: WireRecord): void => {
    const news = readSpec(channel.prefix, record);
    if (news instanceof Malformed) return logger.warn({ topic: record.topic, key: record.key, reason: news.reason }, 'a spec record that cannot be read was left out');
    const key = record.key ?? '';
    const known = instances.get(key);
    if (!isNewer(news.sequence, known?.desired.sequence)) return;
    if (news.desired === undefined && known === undefined) return;
    if (known) clearTimeout(known.retry);
    const desired = news.desired ?? { ...(known as Instance).desired, sequence: news.sequence };
    instances.set(key, { desired, gone: news.desired === undefined, answered: false, failures: 0, status: known?.status ?? {} });
    work.wake(key);
  };

  /** One round of one instance. A newer order that came meanwhile stands in the map and gets a round of its own. */
  const settle = async (key: string): Promise<void> => {
    const instance = instances.get(key);
    if (!instance || instance.answered) return;
    const superseded = (): boolean => stopping.signal.aborted || instances.get(key) !== instance;
    const { report, failure } = await attempt(instance);
    if (failure !== undefined) logger.warn({ key, failures: instance.failures, err: failure }, 'an instance could not be brought to what is desired');
    if (report) await send(report, superseded);
    if (superseded()) return;
    instance.answered = failure === undefined;
    if (failure !== undefined) instance.retry = setTimeout(() => work.wake(key), retryDelayMs * 2 ** Math.min(instance.failures - 1, 8));
    else if (instance.gone) instances.delete(key);
  };

  type Attempt = { readonly report: WireRecord | undefined; readonly failure?: unknown };
  const attempt = async (instance: Instance): Promise<Attempt> => {
    try {
      const report = await answer(instance);
      return { report: report && recordOf(instance.desired, report) };
    } catch (failure) {
      instance.failures += 1;
      return { report: recordOf(instance.desired, { status: failedStatus(instance.status, instance.desired.object, failure) }), failure };
    }
  };

  const answer = async (instance: Instance): Promise<Report | undefined> => {
    const { desired, gone } = instance;
    if (gone || desired.object.metadata.deletionTimestamp !== undefined) {
      await options.release(desired);
      return gone ? undefined : { released: true };
    }
    instance.status = await options.reconcile(desired);
    return { status: instance.status };
  };

  const recordOf = (desired: Desired, report: Report): WireRecord =>
    statusRecord({ prefix: channel.prefix, export: options.export, desired, report, sequence: nextSequence() });

  /** An outage on the way is not the instance's failure: the report waits, until a newer order makes it stale. */
  const send = async (report: WireRecord, superseded: () => boolean): Promise<void> => {
    for (let failures = 0; ; failures += 1) {
      try {
        return await channel.report(report);
      } catch (err) {
        logger.warn({ key: report.key, err }, 'a report could not be sent; it is tried again');
      }
      if (superseded()) return;
      await delay(retryDelayMs * 2 ** Math.min(failures, 5), undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  };

  const caughtUp = new Promise<void>((resolve) => {
    const live = async (): Promise<void> => {
      const uids = new Set([...instances.values()].filter(({ gone }) => !gone).map(({ desired }) => desired.uid));
      await options.onCaughtUp?.(uids);
      logger.info({ export: options.export, instances: uids.size }, 'caught up with what consumers want');
    };
    const sink = {
      records: (batch: readonly WireRecord[]) => batch.forEach(receive),
      caughtUp: () => void live().catch((err: unknown) => logger.error({ err }, 'what vanished could not be dropped')).then(resolve),
    };
    subscribed = channel.subscribe({ export: options.export, plurals: options.plurals }, sink, stopping.signal);
  });

  return {
    caughtUp,
    async stop() {
      stopping.abort();
      for (const { retry } of instances.values()) clearTimeout(retry);
      await work.stop();
      for (const { retry } of instances.values()) clearTimeout(retry);
      await subscribed;
    },
  };
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
