import type { RecordedEvent } from './event-log.ts';
import type { EventArchive } from './stores.ts';

/** An archive that lives as long as the process. */
export class MemoryEventArchive implements EventArchive {
  readonly #events = new Map<bigint, RecordedEvent>();

  async keep(events: readonly RecordedEvent[]): Promise<void> {
    for (const { id, type, data, stream, revision, position } of events)
      this.#events.set(position, { id, type, data, stream, revision, position });
  }

  async *readStream(stream: string, from: bigint): AsyncGenerator<RecordedEvent> {
    yield* this.#inOrder().filter((event) => event.stream === stream && event.revision >= from);
  }

  async *readAll(after: bigint, until?: bigint): AsyncGenerator<readonly RecordedEvent[]> {
    const events = this.#inOrder().filter(({ position }) => position > after && (until === undefined || position <= until));
    if (events.length > 0) yield events;
  }

  async remove(stream: string): Promise<void> {
    for (const [position, event] of this.#events) if (event.stream === stream) this.#events.delete(position);
  }

  #inOrder(): readonly RecordedEvent[] {
    return [...this.#events.values()].sort((a, b) => (a.position < b.position ? -1 : 1));
  }
}
