import type { WireRecord } from '#provider-sdk';

/** Where the in-process channel keeps what Kafka would keep in compacted topics. */
export interface ChannelStore {
  /**
   * Keeps all records and the checkpoint, or nothing; durable when it resolves. Per topic and key only the last record
   * stays; a null value removes it. Records without a key are not kept. A checkpoint that does not stand where it is said to be
   * any more, because the store has forgotten its last moments in a crash, is not moved: nothing is kept. @throws CheckpointLost
   */
  put(records: readonly WireRecord[], checkpoint?: ChannelCheckpoint): Promise<void>;

  /** Yields the records of a topic in the order in which they were last put. */
  read(topic: string): AsyncIterable<WireRecord>;

  /** Removes what is kept under keys of this account's objects, in every topic. */
  forget(account: string): Promise<void>;

  /** 0n where nothing was ever put. */
  checkpoint(name: string): Promise<bigint>;
}

/** `after`: where it stands, or further. */
export type ChannelCheckpoint = { readonly name: string; readonly position: bigint; readonly after?: bigint };

/** What was put last is not kept any more: whoever follows the log has to go back to the checkpoint. */
export class CheckpointLost extends Error {
  constructor(name: string, after: bigint) {
    super(`the checkpoint ${name} was at ${after} and has fallen behind that`);
    this.name = 'CheckpointLost';
  }
}

/** Keeps everything as long as the process lives: for specs. */
export class MemoryChannelStore implements ChannelStore {
  readonly #topics = new Map<string, Map<string, WireRecord>>();
  readonly #checkpoints = new Map<string, bigint>();

  put(records: readonly WireRecord[], checkpoint?: ChannelCheckpoint): Promise<void> {
    const stands = checkpoint ? (this.#checkpoints.get(checkpoint.name) ?? 0n) : 0n;
    if (checkpoint && stands < (checkpoint.after ?? 0n)) return Promise.reject(new CheckpointLost(checkpoint.name, checkpoint.after ?? 0n));
    for (const record of records) {
      if (record.key === null) continue;
      const topic = this.#topics.get(record.topic) ?? new Map<string, WireRecord>();
      topic.delete(record.key);
      if (record.value !== null) topic.set(record.key, record);
      this.#topics.set(record.topic, topic);
    }
    if (checkpoint) this.#checkpoints.set(checkpoint.name, checkpoint.position);
    return Promise.resolve();
  }

  async *read(topic: string): AsyncIterable<WireRecord> {
    yield* [...(this.#topics.get(topic)?.values() ?? [])];
  }

  forget(account: string): Promise<void> {
    for (const topic of this.#topics.values()) for (const key of topic.keys()) if (` ${key}`.includes(` ${account}/`)) topic.delete(key);
    return Promise.resolve();
  }

  checkpoint(name: string): Promise<bigint> {
    return Promise.resolve(this.#checkpoints.get(name) ?? 0n);
  }
}
