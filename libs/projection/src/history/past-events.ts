import { StreamTruncated, type EventArchive, type EventLog, type RecordedEvent } from '#stream';

/** Neighbours come with an event while those that are asked for lie near to one another. */
const nearBy = 16n;
/** The archive is packed: what is taken from it comes in larger pieces. */
const archivedAtOnce = 256n;

/** The events of one stream for somebody who goes backwards: from the log, or from the archive where the log keeps them no longer. */
export class PastEvents {
  readonly #stream: string;
  readonly #log: EventLog;
  readonly #archive: Pick<EventArchive, 'readStream'>;
  #held = new Map<bigint, RecordedEvent>();
  #asked: bigint | undefined;

  constructor(stream: string, log: EventLog, archive: Pick<EventArchive, 'readStream'>) {
    this.#stream = stream;
    this.#log = log;
    this.#archive = archive;
  }

  /** Undefined where neither log nor archive keeps it. @throws LogUnavailable */
  async at(revision: bigint): Promise<RecordedEvent | undefined> {
    if (!this.#held.has(revision)) {
      const isNear = this.#asked === undefined || this.#asked - revision <= nearBy;
      this.#held = await this.#read(isNear ? revision - nearBy + 1n : revision, revision);
    }
    this.#asked = revision;
    return this.#held.get(revision);
  }

  async #read(from: bigint, last: bigint): Promise<Map<bigint, RecordedEvent>> {
    if (last < 0n) return new Map();
    const first = from < 0n ? 0n : from;
    try {
      return await upTo(last, this.#log.readStream(this.#stream, first, Number(last - first) + 1));
    } catch (error) {
      if (!(error instanceof StreamTruncated)) throw error;
      if (error.first <= last && error.first > first) return this.#read(error.first, last);
      return upTo(last, this.#archive.readStream(this.#stream, last < archivedAtOnce ? 0n : last - archivedAtOnce));
    }
  }
}

async function upTo(last: bigint, events: AsyncIterable<RecordedEvent>): Promise<Map<bigint, RecordedEvent>> {
  const held = new Map<bigint, RecordedEvent>();
  for await (const recorded of events) {
    if (recorded.revision > last) break;
    held.set(recorded.revision, recorded);
    if (recorded.revision === last) break;
  }
  return held;
}
