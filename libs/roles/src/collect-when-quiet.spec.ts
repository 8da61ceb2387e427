import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { collectWhenQuiet, quietWatch } from './collect-when-quiet.ts';

function watched() {
  let collected = 0;
  const look = quietWatch(() => void (collected += 1));
  return { look, times: (busy: number, count: number) => Array.from({ length: count }, () => look(busy)), collected: () => collected };
}

test('collects when the process has become quiet, and once more when idle accounts have gone', () => {
  const { look, times, collected } = watched();
  look(0.9);
  look(0.01);
  expect(collected()).toBe(0);
  look(0.01);
  expect(collected()).toBe(1);
  times(0.01, 9);
  expect(collected()).toBe(1);
  look(0.01);
  expect(collected()).toBe(2);
  times(0.01, 1_000);
  expect(collected()).toBe(2);
});

test('never collects under load, and anew after each', () => {
  const { look, times, collected } = watched();
  for (let turn = 0; turn < 20; turn++) [0.5, 0.02].forEach(look);
  expect(collected()).toBe(0);
  for (let turn = 1; turn <= 3; turn++) {
    look(0.5);
    times(0, 2);
    expect(collected()).toBe(turn);
  }
});

test('takes a process that waits for a processor for busy, as it is', async () => {
  let collected = 0;
  const { stop } = collectWhenQuiet({ everyMs: 20, collect: () => void (collected += 1) });
  const nothing = new Int32Array(new SharedArrayBuffer(4));
  for (let turn = 0; turn < 20; turn++) {
    // It has something to do, and does not get on with it.
    Atomics.wait(nothing, 0, 0, 10);
    await nextTurn();
  }
  expect(collected).toBe(0);
  await vi.waitFor(() => expect(collected).toBeGreaterThan(0), { timeout: 20_000 });
  stop();
});
