import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { inSlices } from './in-slices.ts';

function busyFor(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

/** In how many turns of the event loop the work was done. */
async function turnsDuring(work: Promise<unknown>): Promise<number> {
  let isOver = false;
  void work.finally(() => (isOver = true));
  let turns = 0;
  for (; !isOver; turns++) await nextTurn();
  return turns;
}

const steps = Array.from({ length: 100 }, (_, index) => index);

describe('work in slices', () => {
  it('does every step, in order', async () => {
    const done: number[] = [];
    await inSlices(steps, (step) => {
      busyFor(0.5);
      done.push(step);
    });
    expect(done).toEqual(steps);
  });

  it('does what is short at once', () => {
    const done: number[] = [];
    void inSlices(steps, (step) => done.push(step));
    expect(done).toHaveLength(100);
  });

  it('lets others in, however many do such work', async () => {
    const works = Array.from({ length: 4 }, () => inSlices(steps, () => busyFor(1)));
    const turns = await turnsDuring(Promise.all(works));
    // 400 ms of work: were all four to take a slice in one turn, there would be a quarter as many.
    expect(turns).toBeGreaterThan(30);
  });

  it('ends where a step fails, and goes on with the others', async () => {
    const failing = inSlices(steps, (step) => {
      busyFor(1);
      if (step === 50) throw new Error('a fault');
    });
    const others = inSlices(steps, () => busyFor(1));
    await expect(failing).rejects.toThrow('a fault');
    await others;
  });
});
