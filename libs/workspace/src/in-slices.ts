/** So long may one slice take; what came in meanwhile is served before the next. */
const sliceMs = 8;

const waiting: (() => void)[] = [];

/**
 * Does work that is long in steps that are short. Of all that is done in slices in this process, one slice is done in a turn of the
 * event loop. Where nobody else waits, the first begins at once. What a step throws ends the work.
 */
export async function inSlices<Item>(items: Iterable<Item>, step: (item: Item) => void): Promise<void> {
  if (waiting.length > 0) await nextSlice();
  let until = performance.now() + sliceMs;
  for (const item of items) {
    if (performance.now() >= until) {
      await nextSlice();
      until = performance.now() + sliceMs;
    }
    step(item);
  }
}

function nextSlice(): Promise<void> {
  return new Promise((resolve) => {
    waiting.push(resolve);
    if (waiting.length === 1) setImmediate(admit);
  });
}

function admit(): void {
  waiting.shift()?.();
  if (waiting.length > 0) setImmediate(admit);
}
