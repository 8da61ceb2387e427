import type { Measured } from './measure.ts';
import { trendOf, type Trend } from './trend.ts';

/** What was measured at one moment; now and then also what is left of memory when all garbage is collected. */
export type Sample = {
  readonly atSeconds: number;
  readonly measured: Measured;
  readonly requests: number;
  readonly liveMegabytes?: number;
};

type Measure = 'liveMegabytes' | Exclude<keyof Measured, 'heapMegabytes'>;

/** What a measure may grow by, in its own unit. The heap with its garbage is shown and not judged: what matters of it is live, or shows in RSS. */
export type Bounds = Readonly<Record<Measure, (trend: Trend, writes: number) => number>>;

export type Judged = Trend & { readonly measure: string; readonly bound: number };

/** How each measure went on after the warm-up. `writes`: in all. */
export function judge(samples: readonly Sample[], bounds: Bounds, writes: number): readonly Judged[] {
  return (Object.keys(bounds) as Measure[]).map((measure) => {
    const values = samples.flatMap(({ atSeconds, measured, liveMegabytes }) => {
      const value = measure === 'liveMegabytes' ? liveMegabytes : measured[measure];
      return value === undefined ? [] : [{ atSeconds, value }];
    });
    const trend = trendOf(values);
    // Two thirds of the time are judged. What could not be measured is no proof.
    const growth = values.every(({ value }) => Number.isFinite(value)) ? trend.growth : Infinity;
    return { ...trend, growth, measure, bound: bounds[measure](trend, (writes * 2) / 3) };
  });
}
