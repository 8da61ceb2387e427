import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { expect, test, vi } from 'vitest';
import { boundGarbage, growingPercent } from './bound-garbage.ts';

vi.mock('node:v8', async (original) => {
  const v8 = await original<{ readonly setFlagsFromString: (flags: string) => void }>();
  return { ...v8, setFlagsFromString: vi.fn(v8.setFlagsFromString) };
});

const megabytes = 2 ** 20;
const garbageAt = (alive: number): number => (growingPercent(alive * megabytes) * alive) / 100;

test('lets a small heap double, and a large one grow by the same as a middling one', () => {
  expect(growingPercent(50 * megabytes)).toBe(100);
  expect(garbageAt(100)).toBeCloseTo(64, 0);
  expect(garbageAt(200)).toBeCloseTo(64, 0);
});

test('leaves the largest heaps time for other things', () => {
  expect(growingPercent(2_000 * megabytes)).toBe(15);
});

test('bounds from the start: how far V8 lets the heap grow it decides at the end of the collection before', () => {
  boundGarbage().stop();
  expect(vi.mocked(setFlagsFromString).mock.calls).toEqual([[expect.stringMatching(/^--heap-growing-percent=\d+$/)]]);
});

// In a process of its own: what other specs of this one have left young would count too.
const youngUnderLoad = `
import { getHeapSpaceStatistics } from 'node:v8';
import { setImmediate as nextTurn } from 'node:timers/promises';
const { boundGarbage } = await import(process.argv[1]);
const { stop } = boundGarbage();
const young = () => getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space')?.space_size ?? 0;
let held = [];
let most = 0;
// Enough of them survive for V8 to give them all that it has.
for (let turn = 0; turn < 400; turn++) {
  held.push(...Array.from({ length: 4_000 }, (_, index) => new Array(40).fill(index)));
  if (held.length > 300_000) held = held.slice(200_000);
  await nextTurn();
  most = Math.max(most, young());
}
stop();
console.log(most);
`;

test('gives the young no more than a part of what V8 would give them, and lets them grow up to it', { timeout: 60_000 }, async () => {
  const module = new URL('./bound-garbage.ts', import.meta.url).href;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', youngUnderLoad, module]);
  expect(Number(stdout)).toBe(64 * megabytes);
});
