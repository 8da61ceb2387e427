export type Proposed = { readonly id: string; readonly type: string; readonly contentType: string; readonly body: Uint8Array };
export type Stored = Proposed & {
  readonly stream: string;
  readonly revision: bigint;
  /** Where its record begins in the log, in bytes, and where the next one does. */
  readonly position: bigint;
  readonly end: bigint;
  readonly createdMs: number;
};

/** A place in the whole log, as the server compares them: by `commit`, then by `prepare`. An event of ours stands where both are its position. */
export type Place = { readonly commit: bigint; readonly prepare: bigint };
export const isBehind = (event: Stored, { commit, prepare }: Place): boolean =>
  event.position > commit || (event.position === commit && event.position > prepare);

/** A revision, or what else an append may expect. */
export type Expected = bigint | 'any' | 'no_stream' | 'stream_exists';

export type Appended =
  | { readonly type: 'success'; readonly revision: bigint; readonly position: bigint; readonly isRepeat: boolean }
  | { readonly type: 'wrong'; readonly current: bigint }
  | { readonly type: 'deleted' };

/** What a stream shows to readers, where it exists. */
export type Shown = { readonly events: readonly Stored[]; readonly last: bigint };

/** What a stream is truncated before when it is deleted, unless for ever: its revisions go on where they were. */
const softlyDeleted = 2 ** 63;
/** The server's first record is no event. */
const firstOffset = 148n;

/**
 * What the stand-in keeps: streams in one log, with the server's rules for expected revisions, idempotence, truncation and deletion.
 * Positions are byte offsets, as the server's are: they grow, with gaps.
 */
export class StoredStreams {
  readonly all: Stored[] = [];
  readonly #streams = new Map<string, Stored[]>();
  readonly #tombstones = new Set<string>();
  /** Where records begin or began: a read may start there, also when a scavenge has taken what was there. */
  readonly #begins = new Set<bigint>([0n]);
  #offset = firstOffset;
  #nextAppend = Promise.withResolvers<void>();

  constructor() {
    // A server's log begins with events of its own.
    this.append('$epochs', 'any', [systemEvent('$epoch-information')]);
  }

  append(stream: string, expected: Expected, events: readonly Proposed[]): Appended {
    if (this.#tombstones.has(stream)) return { type: 'deleted' };
    const kept = this.#streams.get(stream) ?? [];
    const current = BigInt(kept.length) - 1n;
    const repeated = repeatOf(kept, expected, events);
    if (repeated) return { type: 'success', revision: repeated.revision, position: repeated.position, isRepeat: true };
    const isNewAgain = expected === 'no_stream' && this.#truncatedBefore(stream) >= softlyDeleted;
    if (!isNewAgain && !fits(expected, current)) return { type: 'wrong', current };
    if (isNewAgain) this.append(`$$${stream}`, 'any', [metadataEvent({ $tb: kept.length })]);
    for (const event of events) this.#keep(stream, kept, event);
    this.#streams.set(stream, kept);
    this.#nextAppend.resolve();
    this.#nextAppend = Promise.withResolvers();
    return { type: 'success', revision: BigInt(kept.length) - 1n, position: kept.at(-1)?.position ?? 0n, isRepeat: false };
  }

  /** As an administrator may do, behind the back of those who write: for ever, or so that the name can be used again. */
  delete(stream: string, how: 'softly' | 'for ever'): void {
    if (how === 'for ever') this.#tombstones.add(stream);
    else this.append(`$$${stream}`, 'any', [metadataEvent({ $tb: softlyDeleted })]);
  }

  isDeletedForEver(stream: string): boolean {
    return this.#tombstones.has(stream);
  }

  /** Resolves when something is appended. */
  nextAppend(): Promise<void> {
    return this.#nextAppend.promise;
  }

  /** Undefined where there is no such stream. Truncated events are not shown; the log as a whole still shows them, as a server's does until it is scavenged. */
  show(stream: string): Shown | undefined {
    const kept = this.#streams.get(stream);
    const before = this.#truncatedBefore(stream);
    if (!kept || before >= softlyDeleted) return undefined;
    return { events: kept.slice(Math.min(kept.length, before)), last: BigInt(kept.length) - 1n };
  }

  /** The last event's place. */
  get last(): Place {
    const position = this.all.at(-1)?.position ?? 0n;
    return { commit: position, prepare: position };
  }

  /** Where the next record will begin. */
  get end(): bigint {
    return this.#offset;
  }

  /** The index in `all` of the first event that begins at `position` or behind it; undefined where no record ever began. */
  indexAt(position: bigint): number | undefined {
    if (!this.#begins.has(position) && position !== this.#offset) return undefined;
    let low = 0;
    let high = this.all.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.all[middle]?.position ?? 0n) < position) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** As a scavenge does with what was truncated; the last event of a stream stays, for its revision. */
  scavenge(): void {
    const isKept = ({ stream, revision }: Stored): boolean =>
      !this.#tombstones.has(stream) && (revision >= BigInt(this.#truncatedBefore(stream)) || this.#isLast(stream, revision));
    const kept = this.all.filter(isKept);
    this.all.splice(0, this.all.length, ...kept);
  }

  /** Events of the server's own, between ours. */
  systemNoise(count: number): void {
    for (let made = 0; made < count; made++) this.append('$stats-127.0.0.1:2113', 'any', [systemEvent('$statsCollected')]);
  }

  #keep(stream: string, kept: Stored[], event: Proposed): void {
    const position = this.#offset;
    this.#begins.add(position);
    this.#offset += BigInt(96 + stream.length + event.type.length + event.body.length);
    const stored = { ...event, stream, revision: BigInt(kept.length), position, end: this.#offset, createdMs: Date.now() };
    kept.push(stored);
    this.all.push(stored);
  }

  #isLast(stream: string, revision: bigint): boolean {
    return this.#streams.get(stream)?.at(-1)?.revision === revision;
  }

  #truncatedBefore(stream: string): number {
    const metadata = this.#streams.get(`$$${stream}`)?.at(-1);
    if (!metadata) return 0;
    return (JSON.parse(Buffer.from(metadata.body).toString()) as { $tb?: number }).$tb ?? 0;
  }
}

/** The last event of an earlier attempt, if all of this append stands right behind `expected`. */
function repeatOf(kept: readonly Stored[], expected: Expected, events: readonly Proposed[]): Stored | undefined {
  const first = expected === 'no_stream' ? 0 : typeof expected === 'bigint' ? Number(expected) + 1 : undefined;
  if (first === undefined || first >= kept.length) return undefined;
  return events.every(({ id }, index) => kept[first + index]?.id === id) ? kept[first + events.length - 1] : undefined;
}

function fits(expected: Expected, current: bigint): boolean {
  if (typeof expected === 'bigint') return expected === current;
  if (expected === 'no_stream') return current === -1n;
  return expected === 'any' || current >= 0n;
}

function systemEvent(type: string, body: object = {}): Proposed {
  return { id: crypto.randomUUID(), type, contentType: 'application/json', body: Buffer.from(JSON.stringify(body)) };
}

const metadataEvent = (metadata: { readonly $tb: number }): Proposed => systemEvent('$metadata', metadata);
