/** One measure at one moment. */
export type Sample = { readonly atSeconds: number; readonly value: number };

/** How a measure went on after the warm-up. */
export type Trend = {
  /** The median of the first third of what was judged. */
  readonly level: number;
  /** What it would grow by in an hour, if it went on so. */
  readonly perHour: number;
  /** What it has grown by over the time that was judged. */
  readonly growth: number;
};

/**
 * The slope that half of all pairs of samples exceed (Theil and Sen): a few samples at the top or bottom of a collector's
 * saw-tooth do not move it. The first third is the warm-up, and is not looked at.
 */
export function trendOf(samples: readonly Sample[]): Trend {
  const [first, last] = [samples[0], samples.at(-1)];
  if (!first || !last) throw new Error('there are no samples');
  const begin = first.atSeconds + (last.atSeconds - first.atSeconds) / 3;
  const judged = samples.filter(({ atSeconds }) => atSeconds >= begin);
  if (judged.length < 3) throw new Error(`${judged.length} samples after the warm-up tell no trend`);
  const slopes = judged.flatMap((one, index) =>
    judged.slice(index + 1).map((other) => (other.value - one.value) / (other.atSeconds - one.atSeconds)),
  );
  const perSecond = median(slopes);
  return {
    level: median(judged.slice(0, Math.ceil(judged.length / 3)).map(({ value }) => value)),
    perHour: perSecond * 3600,
    growth: perSecond * (last.atSeconds - begin),
  };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = sorted.length / 2;
  return ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle) - 1] ?? 0)) / 2;
}
