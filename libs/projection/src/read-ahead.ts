import type { RecordedEvent } from '#stream';
import { changesOf } from './changes-of.ts';
import { PoisonEvent } from './poison-event.ts';
import type { View, ViewChange } from './projection.ts';

/** What one event changes, and which it was. */
export type Shown = Pick<RecordedEvent, 'type' | 'stream' | 'position'> & { readonly changes: readonly ViewChange[] };

/** What came in since the last one: how many events, where they end, and those of them that change the view. */
export type Gathered = { readonly events: number; readonly position: bigint; readonly shown: readonly Shown[] };

/** So many events are made changes of before somebody takes them. */
const aheadMax = 2048;

/**
 * Makes changes of events as they come, also while nobody takes them: an event is several times as large as what a view writes of it, and
 * what waits for long is copied by each collection of young objects. All that has come in is taken at once.
 * @throws PoisonEvent, behind what came before it; whatever `batches` throws
 */
export async function* readAhead(
  view: View,
  subscribe: (signal: AbortSignal) => AsyncIterable<readonly RecordedEvent[]>,
  signal: AbortSignal,
): AsyncGenerator<Gathered> {
  const left = new AbortController();
  const ahead = new Ahead(view);
  const reading = ahead.read(subscribe(AbortSignal.any([signal, left.signal])));
  // It is met below.
  reading.catch(() => undefined);
  try {
    for (let next = await ahead.take(); next && !signal.aborted; next = await ahead.take()) yield next;
    await reading;
  } finally {
    left.abort();
    ahead.leave();
    await reading.catch(() => undefined);
  }
}

class Ahead {
  readonly #view: View;
  #shown: Shown[] = [];
  #events = 0;
  #position = 0n;
  #ended = false;
  #left = false;
  #onCome: (() => void) | undefined;
  #onTaken: (() => void) | undefined;

  constructor(view: View) {
    this.#view = view;
  }

  async read(batches: AsyncIterable<readonly RecordedEvent[]>): Promise<void> {
    try {
      for await (const batch of batches) {
        for (const recorded of batch) this.#add(recorded);
        this.#onCome?.();
        if (this.#events >= aheadMax && !this.#left) await new Promise<void>((resolve) => (this.#onTaken = resolve));
        if (this.#left) return;
      }
    } finally {
      this.#ended = true;
      this.#onCome?.();
    }
  }

  /** Undefined at the end. */
  async take(): Promise<Gathered | undefined> {
    while (this.#events === 0 && !this.#ended) await new Promise<void>((resolve) => (this.#onCome = resolve));
    if (this.#events === 0) return undefined;
    const taken = { events: this.#events, position: this.#position, shown: this.#shown };
    this.#events = 0;
    this.#shown = [];
    this.#onTaken?.();
    return taken;
  }

  leave(): void {
    this.#left = true;
    this.#onTaken?.();
  }

  #add(recorded: RecordedEvent): void {
    const { type, stream, position } = recorded;
    const changes = this.#changesOf(recorded);
    if (changes.length > 0) this.#shown.push({ type, stream, position, changes });
    this.#events += 1;
    this.#position = position;
  }

  #changesOf(recorded: RecordedEvent): readonly ViewChange[] {
    try {
      return changesOf(this.#view, recorded);
    } catch (cause) {
      throw new PoisonEvent(this.#view.table, recorded, cause);
    }
  }
}
