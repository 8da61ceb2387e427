import type { EventLog, RecordedEvent } from '#stream';
import type { Logger } from '#telemetry';
import { changesOf } from './changes-of.ts';
import type { Made } from './leave-to-newer.ts';
import { PoisonEvent } from './poison-event.ts';
import type { View, ViewChange } from './projection.ts';

/** A table that is filled beside the one that is read, and takes its place. */
export interface NextTable {
  apply(changes: readonly ViewChange[]): Promise<void>;
  /** What the table is read by. Nothing is kept up while it is filled. */
  addIndexes(): Promise<void>;
  /**
   * Stops the view's writing and asks `catchUp` for what is missing up to the position that it has come to; then readers find this table
   * in the place of the old one, of the version of its definition, and whoever writes the view begins anew from there. All of it or nothing. Rows of clusters that `catchUp`
   * does not name are taken over from the old table: the log keeps too little of them to tell what they were.
   * Answers false where readers did not let go of the old table in time: worth repeating.
   */
  takeOver(catchUp: CatchUp): Promise<boolean>;
  /** Drops the table, unless it has taken over. */
  close(): Promise<void>;
}

/** `position`: what the new table has; `whole`: the clusters whose events are all there. */
export type CatchUp = (
  goal: bigint,
  apply: (changes: readonly ViewChange[]) => Promise<void>,
) => Promise<{ readonly position: bigint; readonly whole: readonly string[] }>;

export interface RebuildStore {
  /** By which version of its definition the view's rows were made; one that has none yet is of the present one. @throws ViewsUnavailable */
  version(view: View): Promise<number>;
  /** The same of a view that somebody else may lead, which changes nothing; undefined for one that never was led. @throws ViewsUnavailable */
  made(view: View): Promise<Made | undefined>;
  /** Makes an empty table, in the place of one that an earlier attempt left. Undefined while another process rebuilds the view. */
  next(view: View): Promise<NextTable | undefined>;
}

export type RebuildOptions = {
  readonly log: EventLog;
  readonly store: RebuildStore;
  readonly logger: Logger;
  /** Gives it up, between two batches: it throws the reason. */
  readonly signal?: AbortSignal | undefined;
};
export type Rebuilt = { readonly type: 'rebuilt'; readonly events: number; readonly position: bigint } | { readonly type: 'busy' };

const batchMax = 8_000;
/** So near to the log's head that the rest can be caught up while nobody writes. */
const nearBy = 500;
const attemptsMax = 20;

/**
 * Makes a view anew from the whole log while the old one is served and kept up to date. Readers see the old one or the new one.
 * @throws PoisonEvent, ViewsUnavailable, LogUnavailable; the old one stays as it is
 */
export async function rebuildView(view: View, { log, store, logger, signal }: RebuildOptions): Promise<Rebuilt> {
  const next = await store.next(view);
  if (!next) return { type: 'busy' };
  try {
    let events = 0;
    let position = 0n;
    const whole = new Set<string>();
    const count = (batch: readonly RecordedEvent[]): void => {
      events += batch.length;
      position = batch.at(-1)?.position ?? position;
      for (const { stream, revision } of batch) if (revision === 0n) whole.add(stream.slice(stream.indexOf('-') + 1));
    };
    await fill(view, { log, apply: (changes) => next.apply(changes), after: position, count, signal });
    logger.info({ view: view.table, events }, 'view is filled anew; its indexes follow');
    await next.addIndexes();
    for (let attempt = 0; attempt < attemptsMax; attempt++) {
      for (let had = -1; events - had > nearBy;) {
        had = events;
        await fill(view, { log, apply: (changes) => next.apply(changes), after: position, count, signal });
      }
      const before = position;
      const taken = await next.takeOver(async (goal, apply) => {
        while (position < goal) await fill(view, { log, apply, after: position, count, signal });
        return { position, whole: [...whole] };
      });
      if (taken) return { type: 'rebuilt', events, position };
      // What was caught up in there was undone with it.
      position = before;
    }
    throw new Error(`the view ${view.table} was read without a pause: the new table could not take its place`);
  } finally {
    await next.close();
  }
}

type Filling = {
  readonly log: EventLog;
  readonly apply: (changes: readonly ViewChange[]) => Promise<void>;
  readonly after: bigint;
  readonly count: (batch: readonly RecordedEvent[]) => void;
  readonly signal: AbortSignal | undefined;
};

/** Up to the log's head. While one batch is written, the next is read and decided. */
async function fill(view: View, { log, apply, after, count, signal }: Filling): Promise<void> {
  let writing: Promise<void> = Promise.resolve();
  let batch: RecordedEvent[] = [];
  const write = async (): Promise<void> => {
    signal?.throwIfAborted();
    const changes = batch.flatMap((recorded) => changesIn(view, recorded));
    await writing;
    count(batch);
    batch = [];
    writing = apply(changes);
    // Its failure is met at the next batch.
    writing.catch(() => undefined);
  };
  for await (const recorded of log.readAll(after)) {
    batch.push(recorded);
    if (batch.length >= batchMax) await write();
  }
  if (batch.length > 0) await write();
  await writing;
}

function changesIn(view: View, recorded: RecordedEvent): readonly ViewChange[] {
  try {
    return changesOf(view, recorded);
  } catch (cause) {
    throw new PoisonEvent(view.table, recorded, cause);
  }
}
