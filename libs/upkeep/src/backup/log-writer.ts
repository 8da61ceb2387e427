import { randomUUID } from 'node:crypto';
import { AppendTooLarge, noRevision, type EventLog, type NewEvent, type RecordedEvent } from '#stream';

/** Puts the events of a backup into an empty log, each at the revision that it had in its stream. */
export interface LogWriter {
  /** Whether events have the positions again that they had. */
  readonly keepsPositions: boolean;
  /** In the order of their positions. Answers for each a position from which whoever had come that far may go on. */
  write(events: readonly RecordedEvent[]): Promise<readonly bigint[]>;
  /** To be called at the end. `heads` tells the last revision of streams that have forgotten all their events. */
  finish(heads: ReadonlyMap<string, bigint>): Promise<void>;
}

const placeholdersAtOnce = 500;

/** Writes by appending, as into any log: events get new positions, and keep their revisions, and with them their resourceVersions. */
export class AppendingLogWriter implements LogWriter {
  readonly keepsPositions = false;
  readonly #log: EventLog;
  #position = 0n;
  readonly #heads = new Map<string, bigint>();
  /** Streams that have forgotten their beginning, and where they begin. */
  readonly #begins = new Map<string, bigint>();

  constructor(log: EventLog) {
    this.#log = log;
  }

  async write(events: readonly RecordedEvent[]): Promise<readonly bigint[]> {
    const positions: bigint[] = [];
    for (let from = 0; from < events.length;) {
      const { stream, revision } = events[from] as RecordedEvent;
      let to = from + 1;
      while (events[to]?.stream === stream) to += 1;
      await this.#reach(stream, revision);
      const before = this.#position;
      await this.#append(stream, revision - 1n, events.slice(from, to));
      // Of what is appended together, the log tells the last one's place only.
      for (let index = from; index < to - 1; index += 1) positions.push(before);
      positions.push(this.#position);
      from = to;
    }
    return positions;
  }

  async finish(heads: ReadonlyMap<string, bigint>): Promise<void> {
    for (const [stream, head] of heads) if (!this.#heads.has(stream)) await this.#reach(stream, head + 1n);
    for (const [stream, before] of this.#begins) await this.#log.truncate(stream, before);
  }

  /** In the place of what was forgotten come events that say nothing, and are truncated at the end. */
  async #reach(stream: string, revision: bigint): Promise<void> {
    for (let next = (this.#heads.get(stream) ?? noRevision) + 1n; next < revision;) {
      this.#begins.set(stream, revision);
      const count = Number(revision - next < placeholdersAtOnce ? revision - next : placeholdersAtOnce);
      await this.#append(stream, next - 1n, Array.from({ length: count }, placeholder));
      next += BigInt(count);
    }
  }

  async #append(stream: string, expected: bigint, events: readonly NewEvent[]): Promise<void> {
    const appended = events.map(({ id, type, data }) => ({ id, type, data }));
    const result = await this.#log.append(stream, expected, appended).catch(async (failure: unknown) => {
      if (!(failure instanceof AppendTooLarge) || events.length === 1) throw failure;
      const half = events.length >> 1;
      await this.#append(stream, expected, events.slice(0, half));
      await this.#append(stream, expected + BigInt(half), events.slice(half));
      return undefined;
    });
    if (!result) return;
    if (result.type === 'conflict') throw new Error(`somebody else has written to ${stream} while it was restored`);
    this.#heads.set(stream, result.revision);
    this.#position = result.position;
  }
}

/** Of all that may be said of an account, what changes nothing. */
function placeholder(): NewEvent {
  const by = {
    user: 'system:tributary',
    userAgent: 'tributary',
    fieldManager: 'tributary',
    at: new Date(0).toISOString(),
    cause: 'restore',
  };
  return { id: randomUUID(), type: 'ApiUnbound', data: JSON.stringify({ type: 'ApiUnbound', binding: '', by }) };
}
