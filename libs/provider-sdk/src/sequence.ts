/** A counter as it stands in `ce_sequence` and in reports: 20 digits, so that text order is number order. */
export const formatSequence = (sequence: bigint): string => sequence.toString().padStart(20, '0');

export const isSequence = (text: unknown): text is string => typeof text === 'string' && /^\d{1,20}$/.test(text);

/** Whether `sequence` says something new after `last`. Both in digits; padding is not relied on. */
export function isNewer(sequence: string, last: string | undefined): boolean {
  return last === undefined || BigInt(sequence) > BigInt(last);
}

/**
 * Counts up for ever, also over restarts: microseconds of the wall clock, or one more than the last where the clock
 * stands still or was set back. A clock set back while nothing ran makes reports stale until it has caught up, save releases and first answers to
 * a generation: `keptClock` remembers. Counts above `from`.
 */
export function hybridClock(nowMs: () => number = Date.now, from = 0n): () => bigint {
  let last = from;
  return () => {
    const now = BigInt(Math.floor(nowMs())) * 1000n;
    last = now > last ? now : last + 1n;
    return last;
  };
}
