import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { FlushQueue } from './flush-queue.ts';

test('writes once to whoever has collected, however much it was', async () => {
  const queue = new FlushQueue();
  let flushes = 0;
  const stream = { flush: () => (flushes += 1) };
  for (let event = 0; event < 10; event++) queue.add(stream);
  await vi.waitUntil(() => flushes > 0);
  queue.add(stream);
  await vi.waitUntil(() => flushes === 2);
});

test('writes to a crowd in turns, so that others get theirs, and forgets nobody who comes meanwhile', async () => {
  const queue = new FlushQueue();
  const flushed: number[] = [];
  let turns = 0;
  const newcomer = { flush: () => void flushed.push(-1) };
  for (let index = 0; index < 1_000; index++)
    queue.add({
      flush() {
        if (index === 500) queue.add(newcomer);
        flushed.push(index);
      },
    });
  const told = (): boolean => flushed.includes(-1);
  while (!told()) {
    turns += 1;
    await nextTurn();
  }
  expect(flushed).toEqual([...Array.from({ length: 1_000 }, (_, index) => index), -1]);
  expect(turns).toBeGreaterThan(5);
});
