import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { pause } from './following.ts';

test('a pause leaves nothing behind on a signal that may never come, and ends with it', async () => {
  const { signal } = new AbortController();
  for (let count = 0; count < 20; count += 1) await pause(1, signal);
  expect(getEventListeners(signal, 'abort')).toEqual([]);
  const ending = new AbortController();
  const waiting = pause(3_600_000, ending.signal);
  ending.abort();
  await waiting;
  await pause(3_600_000, ending.signal);
});
