import type { RecordedEvent } from '#stream';
import type { Report } from './finding.ts';

export type SeenStream = {
  /** The first revision that is kept. */
  readonly first: bigint;
  last: bigint;
};

const gapsNamedMax = 20;

/** Watches that the whole log is told in order, nothing twice and nothing left out. */
export class Places {
  readonly streams = new Map<string, SeenStream>();
  readonly #report: Report;
  #last = 0n;
  events = 0n;
  readonly #gaps: { readonly from: bigint; readonly to: bigint }[] = [];

  constructor(report: Report) {
    this.#report = report;
  }

  /** False where the event comes again: it must not count twice. */
  see({ stream, revision, position }: RecordedEvent): boolean {
    const place = { stream, revision: `${revision}`, position: `${position}` };
    if (position <= this.#last) {
      this.#report({ type: 'position-doubled', ...place, says: `position ${position} comes after ${this.#last}` });
    } else {
      if (position > this.#last + 1n) this.#gaps.push({ from: this.#last + 1n, to: position - 1n });
      this.#last = position;
    }
    this.events += 1n;
    const seen = this.streams.get(stream);
    if (!seen) {
      this.streams.set(stream, { first: revision, last: revision });
      return true;
    }
    if (revision <= seen.last) {
      this.#report({ type: 'revision-doubled', ...place, says: `revision ${revision} of ${stream} comes after ${seen.last}` });
      return false;
    }
    if (revision > seen.last + 1n)
      this.#report({ type: 'revision-missing', ...place, says: missing(stream, seen.last + 1n, revision - 1n) });
    seen.last = revision;
    return true;
  }

  /**
   * For a log that counts positions: each one without an event must be that of one that was truncated, `truncated` in all. Which one
   * that is, the log does not say.
   */
  judgeGaps(head: bigint, truncated: bigint): void {
    if (head > this.#last) this.#gaps.push({ from: this.#last + 1n, to: head });
    const unheld = this.#gaps.reduce((sum, { from, to }) => sum + to - from + 1n, 0n);
    if (unheld <= truncated) return;
    const more = truncated === 0n ? '' : `, of which ${truncated} were truncated`;
    for (const { from, to } of this.#gaps.slice(0, gapsNamedMax))
      this.#report({ type: 'position-missing', position: `${from}`, says: `nothing stands at the positions ${from} to ${to}${more}` });
  }
}

export const missing = (stream: string, from: bigint, to: bigint): string =>
  from === to ? `${stream} lacks revision ${from}` : `${stream} lacks the revisions ${from} to ${to}`;
