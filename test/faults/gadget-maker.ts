import { KafkaProviderChannel } from '#adapter-kafka';
import { encodeHeaders, formatSequence, parseSpecMessage, recordKey, statusTopic, type SpecMessage, type WireRecord } from '#provider-sdk';
import { silentLogger } from '#telemetry';
import type { Served } from '../servers/tributary-client.ts';
import { untilTrue } from '../servers/tributary-until.ts';
import { gadgetGroup } from './gadgets.ts';

export type GadgetReport = { readonly observedGeneration?: number; readonly status?: object; readonly released?: true };

/** A provider that does nothing by itself: it hears every order, and says what the test tells it to say. */
export class GadgetMaker {
  /** Orders as they arrived; null stands for a tombstone. */
  readonly orders: { readonly key: string; readonly order: SpecMessage | null }[] = [];
  readonly #channel: KafkaProviderChannel;
  readonly #prefix: string;
  readonly #stopping = new AbortController();
  readonly #listening: Promise<void>;
  #sequence = 0n;

  constructor(brokers: readonly string[], prefix: string) {
    this.#prefix = prefix;
    this.#channel = new KafkaProviderChannel({ brokers, prefix, clientId: 'gadget-maker', logger: silentLogger });
    const records = (batch: readonly WireRecord[]): void => void this.orders.push(...batch.map(orderIn));
    this.#listening = this.#channel.subscribe(
      { export: gadgetGroup, plurals: ['gadgets'] },
      { records, caughtUp: () => undefined },
      this.#stopping.signal,
    );
  }

  /** The newest order of an instance that arrived. */
  newest(uid: string): SpecMessage | null | undefined {
    return this.orders.findLast(({ key }) => key.endsWith(`/${uid}`))?.order;
  }

  /** Reports on an instance as a provider should. */
  report(cluster: string, { metadata }: Served, { observedGeneration = metadata.generation, ...rest }: GadgetReport): Promise<void> {
    const sequence = formatSequence((this.#sequence += 1n));
    return this.send(
      recordKey({ account: cluster, uid: metadata.uid }),
      JSON.stringify({ uid: metadata.uid, observedGeneration, sequence, ...rest }),
    );
  }

  /** Puts anything at all into the status topic; tries again where it may not have arrived, as the port asks. */
  send(key: string | null, value: string): Promise<void> {
    const headers = encodeHeaders({
      id: crypto.randomUUID(),
      source: '/test',
      type: 'StatusReported',
      subject: '',
      time: new Date().toISOString(),
      sequence: formatSequence(this.#sequence),
    });
    const record = { topic: statusTopic(this.#prefix, gadgetGroup, 'gadgets'), key, value, headers };
    return untilTrue('the report is sent', () => this.#channel.report(record).then(() => true));
  }

  async close(): Promise<void> {
    this.#stopping.abort();
    await this.#listening;
    await this.#channel.close();
  }
}

function orderIn({ key, value }: WireRecord): { readonly key: string; readonly order: SpecMessage | null } {
  const order = value === null ? null : parseSpecMessage(value);
  // What the mesh sends is well formed, or the test is over.
  return { key: key ?? '', order: order as SpecMessage | null };
}

/** A condition as a provider writes it. */
export const condition = (type: string, status: string, reason: string): object => ({
  type,
  status,
  reason,
  message: '',
  lastTransitionTime: '2026-01-01T00:00:00Z',
});
