import type { AppendResult, Behind, EventLog, NewEvent, RecordedEvent } from '../event-log.ts';

/**
 * A log whose positions grow with gaps, shown as if they were counted: the first event of the whole log stands at 1, the next at 2. So one suite
 * says what it expects of every log. A position out of order, or one that the whole log does not know, throws.
 */
export class CountedPositions implements EventLog {
  readonly #log: EventLog;
  readonly #positions: bigint[] = [];
  readonly #places = new Map<bigint, bigint>();

  constructor(log: EventLog) {
    this.#log = log;
  }

  async append(stream: string, expected: bigint, events: readonly NewEvent[]): Promise<AppendResult> {
    const result = await this.#log.append(stream, expected, events);
    return result.type === 'appended' ? { ...result, position: await this.#placeOf(result.position) } : result;
  }

  settle(): Promise<void> {
    return this.#log.settle();
  }

  async *readStream(stream: string, from: bigint, atMost?: number): AsyncGenerator<RecordedEvent> {
    for await (const event of this.#log.readStream(stream, from, atMost)) yield await this.#counted(event);
  }

  async *readAll(after: bigint): AsyncGenerator<RecordedEvent> {
    for await (const event of this.#log.readAll(await this.#positionAt(after))) yield await this.#counted(event);
  }

  async *subscribeStream(stream: string, from: bigint, signal: AbortSignal): AsyncGenerator<readonly RecordedEvent[]> {
    for await (const batch of this.#log.subscribeStream(stream, from, signal)) yield await this.#allCounted(batch);
  }

  async *subscribeAll(after: bigint, signal: AbortSignal): AsyncGenerator<readonly RecordedEvent[]> {
    for await (const batch of this.#log.subscribeAll(await this.#positionAt(after), signal)) yield await this.#allCounted(batch);
  }

  head(stream: string): Promise<bigint> {
    return this.#log.head(stream);
  }

  async behind(stream: string, revision: bigint): Promise<Behind> {
    const { head, events } = await this.#log.behind(stream, revision);
    return { head, events: await this.#allCounted(events) };
  }

  async headOfAll(): Promise<bigint> {
    return this.#placeOf(await this.#log.headOfAll());
  }

  truncate(stream: string, before: bigint): Promise<void> {
    return this.#log.truncate(stream, before);
  }

  async #counted(event: RecordedEvent): Promise<RecordedEvent> {
    return { ...event, position: await this.#placeOf(event.position) };
  }

  async #allCounted(batch: readonly RecordedEvent[]): Promise<readonly RecordedEvent[]> {
    const counted: RecordedEvent[] = [];
    for (const event of batch) counted.push(await this.#counted(event));
    return counted;
  }

  async #placeOf(position: bigint): Promise<bigint> {
    if (position === 0n) return 0n;
    if (!this.#places.has(position)) await this.#readOn();
    const place = this.#places.get(position);
    if (place === undefined) throw new Error(`the whole log has nothing at position ${position}`);
    return place;
  }

  async #positionAt(place: bigint): Promise<bigint> {
    if (place > BigInt(this.#positions.length)) await this.#readOn();
    const position = place <= 0n ? 0n : this.#positions[Number(place) - 1];
    if (position === undefined) throw new Error(`the whole log has no ${place}. event`);
    return position;
  }

  /** Several may read at once: what another has seen meanwhile is left alone. */
  async #readOn(): Promise<void> {
    for await (const { position } of this.#log.readAll(this.#positions.at(-1) ?? 0n)) {
      if (this.#places.has(position)) continue;
      const last = this.#positions.at(-1) ?? 0n;
      if (position <= last) throw new Error(`position ${position} appears behind ${last}`);
      this.#positions.push(position);
      this.#places.set(position, BigInt(this.#positions.length));
    }
  }
}
