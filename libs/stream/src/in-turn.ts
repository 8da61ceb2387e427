import { setTimeout as pause } from 'node:timers/promises';

/** Of all time, work in turn may take a tenth. */
const restPerWork = 9;
/** Of a state of a hundred thousand objects a snapshot takes a second: a rest of no more would leave half of the time to snapshots. */
const restMsMax = 10_000;

let last: Promise<void> = Promise.resolve();

/**
 * Does work that can wait, one piece after the other in the whole process, with a rest after each in proportion to what it
 * took: when a thousand streams are due for a snapshot at once, requests still get their turn. A failure is the work's own affair.
 */
export function inTurn(work: () => Promise<unknown>): void {
  last = last.then(async () => {
    const began = performance.now();
    await work().catch(() => undefined);
    await pause(Math.min(restMsMax, (performance.now() - began) * restPerWork), undefined, { ref: false });
  });
}
