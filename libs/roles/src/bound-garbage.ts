import { constants, PerformanceObserver } from 'node:perf_hooks';
import { getHeapSpaceStatistics, getHeapStatistics, setFlagsFromString } from 'node:v8';

/** How much garbage may gather before it is collected, in bytes, beside what is young. With a fourth of it, an eighth of the time went into collecting. */
const garbageMax = 64 * 2 ** 20;
const [percentMin, percentMax] = [15, 100];
/** What the young may take, in bytes: half of what V8 would give them. It lets the old grow by as much again before it collects them. */
const youngMax = 64 * 2 ** 20;
const [steady, growing] = [1, 2];

/**
 * Keeps what is not collected yet from growing with what is alive. V8 lets a heap double between two collections, whatever its size, and what
 * it once took from the system it hardly gives back while there is work. A larger heap is collected more often for its size, beside the work.
 * When V8 collects for the first time is left to it: after one by hand, early, one GET in a hundred took 14 ms instead of 4.
 */
export function boundGarbage(): { readonly stop: () => void } {
  // V8 decides at the end of each collection how far the next one is: without this, the second of a busy server came at 335 MB where 92 were alive.
  boundBy(getHeapStatistics().used_heap_size);
  let growth = growing;
  const observer = new PerformanceObserver((list) => {
    // Also where a quiet time has made them few: they grow again.
    const wanted = youngSize() < youngMax ? growing : steady;
    if (wanted !== growth) setFlagsFromString(`--semi-space-growth-factor=${(growth = wanted)}`);
    const collected = (list.getEntries() as readonly Collection[]).some(
      ({ detail }) => detail?.kind === constants.NODE_PERFORMANCE_GC_MAJOR,
    );
    if (collected) boundBy(getHeapStatistics().used_heap_size);
  });
  observer.observe({ entryTypes: ['gc'] });
  return { stop: () => observer.disconnect() };
}

const boundBy = (alive: number): void => setFlagsFromString(`--heap-growing-percent=${growingPercent(alive)}`);

const youngSize = (): number => getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space')?.space_size ?? 0;

/** As it is observed, where the types of node are silent about it. */
type Collection = { readonly detail?: { readonly kind?: number } };

/** By how much of what is alive, in bytes, the heap may grow until it is collected again. */
export const growingPercent = (alive: number): number => Math.min(percentMax, Math.max(percentMin, Math.round((100 * garbageMax) / alive)));
