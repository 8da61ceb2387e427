/** Every sample is kept, in milliseconds: percentiles are exact (nearest rank), not estimated. */
export class Latencies {
  #samples = new Float64Array(1024);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  push(ms: number): void {
    if (this.#count === this.#samples.length) {
      const larger = new Float64Array(this.#count * 2);
      larger.set(this.#samples);
      this.#samples = larger;
    }
    this.#samples[this.#count++] = ms;
  }

  add(other: Latencies): void {
    for (let index = 0; index < other.#count; index++) this.push(other.#samples[index] ?? 0);
  }

  /** The smallest sample that is not below `percent` of all: 50 is the median, 100 the worst. NaN when there is none. */
  percentile(percent: number): number {
    const sorted = this.#samples.slice(0, this.#count).sort();
    return sorted[Math.max(0, Math.ceil((percent * this.#count) / 100) - 1)] ?? Number.NaN;
  }
}

export const milliseconds = (ms: number): string => `${ms.toFixed(ms < 10 ? 2 : ms < 100 ? 1 : 0)} ms`;

/** `p50 1.20 ms, p99 3.40 ms, max 9.90 ms` */
export function spread(latencies: Latencies): string {
  const [median, p99, worst] = [50, 99, 100].map((percent) => milliseconds(latencies.percentile(percent)));
  return `p50 ${median}, p99 ${p99}, max ${worst}`;
}
