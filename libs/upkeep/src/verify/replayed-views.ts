import { changesOf, type View, type ViewChange } from '#projection';
import type { RecordedEvent } from '#stream';
import type { Holdings, RowDifference, ViewCopy } from '../holdings.ts';
import { messageOf, type Finding, type Report } from './finding.ts';

const changesAtOnce = 1_000;

type Replay = { readonly view: View; readonly copy: ViewCopy; waiting: ViewChange[]; failed: boolean };

/** Computes every view anew from the log, up to where it stands, and compares. */
export class ReplayedViews {
  readonly #replays: readonly Replay[];
  readonly #report: Report;

  private constructor(replays: readonly Replay[], report: Report) {
    this.#replays = replays;
    this.#report = report;
  }

  static async copy(holdings: Holdings, views: readonly View[], report: Report): Promise<ReplayedViews> {
    const replays: Replay[] = [];
    for (const view of views) replays.push({ view, copy: await holdings.copyView(view), waiting: [], failed: false });
    return new ReplayedViews(replays, report);
  }

  async see(recorded: RecordedEvent): Promise<void> {
    for (const replay of this.#replays) {
      if (replay.failed || recorded.position > replay.copy.position) continue;
      try {
        replay.waiting.push(...changesOf(replay.view, recorded));
        if (replay.waiting.length >= changesAtOnce) await flush(replay);
      } catch (failure) {
        replay.failed = true;
        const { stream, revision, position } = recorded;
        const says = `the view ${replay.view.table} cannot show this event: ${messageOf(failure)}`;
        this.#report({ type: 'event-unreadable', stream, revision: `${revision}`, position: `${position}`, view: replay.view.table, says });
      }
    }
  }

  /** `lacks` tells the clusters whose history is not all there: what is shown of them cannot be computed anew. */
  async compare(lacks: (cluster: string) => boolean): Promise<void> {
    for (const replay of this.#replays) {
      if (replay.failed) continue;
      await flush(replay);
      for await (const difference of replay.copy.differences()) {
        const { cluster } = difference.key;
        if (cluster === undefined || !lacks(cluster)) this.#report(findingOf(replay.view.table, difference));
      }
    }
  }

  async close(): Promise<void> {
    for (const { copy } of this.#replays) await copy.close();
  }
}

async function flush(replay: Replay): Promise<void> {
  const { waiting } = replay;
  replay.waiting = [];
  if (waiting.length > 0) await replay.copy.replay(waiting);
}

function findingOf(view: string, { type, key, columns }: RowDifference): Finding {
  const row = `the row ${Object.values(key).join('/')} of the view ${view}`;
  switch (type) {
    case 'missing':
      return { type: 'view-row-missing', view, says: `${row} is missing` };
    case 'strange':
      return { type: 'view-row-strange', view, says: `${row} follows from no event` };
    case 'differs':
      return { type: 'view-row-differs', view, says: `${row} differs in ${columns.join(', ')}` };
  }
}
