export type Proposed = { readonly id: string; readonly type: string; readonly contentType: string; readonly body: Uint8Array };
export type Stored = Proposed & {
  readonly stream: string;
  readonly revision: bigint;
  readonly position: bigint;
  readonly createdMs: number;
};

/** A revision, or what else an append may expect. */
export type Expected = bigint | 'any' | 'no_stream' | 'stream_exists';

export type Appended =
  { readonly type: 'success'; readonly revision: bigint; readonly position: bigint } | { readonly type: 'wrong'; readonly current: bigint };

/** What a stream shows to readers, where it exists. */
export type Shown = { readonly events: readonly Stored[]; readonly last: bigint };

/**
 * What the stand-in keeps: streams in one log, with the server's rules for expected revisions, idempotence and truncation.
 * Positions are byte offsets, as the server's are: they grow, with gaps.
 */
export class StoredStreams {
  readonly all: Stored[] = [];
  readonly #streams = new Map<string, Stored[]>();
  #offset = 0n;
  #nextAppend = Promise.withResolvers<void>();

  constructor() {
    // A server's log begins with events of its own.
    this.append('$epochs', 'any', [systemEvent('$epoch-information')]);
  }

  append(stream: string, expected: Expected, events: readonly Proposed[]): Appended {
    const kept = this.#streams.get(stream) ?? [];
    const current = BigInt(kept.length) - 1n;
    const repeated = repeatOf(kept, expected, events);
    if (repeated) return { type: 'success', revision: repeated.revision, position: repeated.position };
    if (!fits(expected, current)) return { type: 'wrong', current };
    for (const event of events) {
      this.#offset += BigInt(96 + stream.length + event.type.length + event.body.length);
      const stored = { ...event, stream, revision: BigInt(kept.length), position: this.#offset, createdMs: Date.now() };
      kept.push(stored);
      this.all.push(stored);
    }
    this.#streams.set(stream, kept);
    this.#nextAppend.resolve();
    this.#nextAppend = Promise.withResolvers();
    return { type: 'success', revision: BigInt(kept.length) - 1n, position: this.#offset };
  }

  /** Resolves when something is appended. */
  nextAppend(): Promise<void> {
    return this.#nextAppend.promise;
  }

  /** Undefined where there is no such stream. Truncated events are not shown; the log as a whole still shows them, as a server's does until it is scavenged. */
  show(stream: string): Shown | undefined {
    const kept = this.#streams.get(stream);
    if (!kept) return undefined;
    const before = this.#truncatedBefore(stream);
    return { events: kept.slice(Math.min(kept.length, before)), last: BigInt(kept.length) - 1n };
  }

  /** The index in `all` of the first event behind `position`; undefined where no record stands at it, as none would for a made-up one. */
  indexBehind(position: bigint): number | undefined {
    let low = 0;
    let high = this.all.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.all[middle]?.position ?? 0n) < position) low = middle + 1;
      else high = middle;
    }
    return this.all[low]?.position === position ? low + 1 : undefined;
  }

  /** As a scavenge does with what was truncated. */
  scavenge(): void {
    const kept = this.all.filter(({ stream, revision }) => revision >= BigInt(this.#truncatedBefore(stream)));
    this.all.splice(0, this.all.length, ...kept);
  }

  /** Events of the server's own, between ours. */
  systemNoise(count: number): void {
    for (let made = 0; made < count; made++) this.append('$stats-127.0.0.1:2113', 'any', [systemEvent('$statsCollected')]);
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

function systemEvent(type: string): Proposed {
  return { id: crypto.randomUUID(), type, contentType: 'application/json', body: Buffer.from('{}') };
}
