import { describe, expect, it } from 'vitest';
import { Latencies } from './latencies.ts';

describe('percentiles', () => {
  it('are the nearest rank of what was measured, in whatever order it came', () => {
    const latencies = new Latencies();
    for (let ms = 2000; ms >= 1; ms--) latencies.push(ms);
    expect([50, 99, 99.9, 100].map((percent) => latencies.percentile(percent))).toEqual([1000, 1980, 1998, 2000]);
  });

  it('of one sample are that sample, of none are no number', () => {
    const latencies = new Latencies();
    expect(latencies.percentile(99)).toBeNaN();
    latencies.push(7);
    expect([1, 50, 100].map((percent) => latencies.percentile(percent))).toEqual([7, 7, 7]);
  });

  it('of several runs together are those of all samples', () => {
    const [one, other] = [new Latencies(), new Latencies()];
    for (const ms of [1, 2, 3]) one.push(ms);
    for (const ms of [10, 20, 30]) other.push(ms);
    one.add(other);
    expect([one.count, one.percentile(50), one.percentile(100)]).toEqual([6, 3, 30]);
  });
});
