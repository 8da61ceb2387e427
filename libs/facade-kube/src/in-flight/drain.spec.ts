import { describe, expect, it } from 'vitest';
import { Drain } from './drain.ts';
import type { InFlight, LaneName } from './in-flight.ts';

const arriving = (lane?: LaneName): InFlight => ({ lane, response: { shouldKeepAlive: true } }) as unknown as InFlight;

describe('a drain', () => {
  it('tells clients to go elsewhere with their next request, once it has begun', async () => {
    const drain = new Drain();
    const [before, after] = [arriving(), arriving()];
    drain.arrived(before);
    await drain.begin(0);
    drain.arrived(after);
    expect([before.response.shouldKeepAlive, after.response.shouldKeepAlive]).toEqual([true, false]);
  });

  it('ends watches a few at a time, those that come meanwhile too, and leaves alone what has ended', async () => {
    const drain = new Drain();
    const ended: number[] = [];
    const times: number[] = [];
    const began = performance.now();
    for (let watch = 0; watch < 50; watch += 1)
      drain.watching(arriving('watching'), () => {
        ended.push(watch);
        times.push(performance.now() - began);
      });
    const gone = arriving('watching');
    drain.watching(gone, () => ended.push(-1));
    drain.left(gone);
    const done = drain.begin(200);
    drain.watching(arriving('watching'), () => ended.push(50));
    expect(ended.length).toBeLessThan(25);
    await done;
    expect(ended.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 51 }, (_, watch) => watch));
    expect(new Set(times.map((time) => Math.round(time / 20))).size).toBeGreaterThan(1);
  });

  it('waits for the last words of the watches that it has ended', async () => {
    const drain = new Drain();
    const watching = arriving('watching');
    drain.arrived(watching);
    drain.watching(watching, () => undefined);
    await drain.begin(0);
    expect(await drain.idle(50)).toBe(false);
    drain.left(watching);
    expect(await drain.idle(20_000)).toBe(true);
  });

  it('waits for answers, not for what goes on as long as the client likes, and no longer than it may', async () => {
    const drain = new Drain();
    const [reading, watching] = [arriving('reading'), arriving('watching')];
    drain.arrived(reading);
    drain.arrived(watching);
    expect(await drain.idle(50)).toBe(false);
    const idle = drain.idle(20_000);
    drain.left(reading);
    expect(await idle).toBe(true);
  });
});
