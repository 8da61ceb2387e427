import { expect, test } from 'vitest';
import { growingPercent } from './bound-garbage.ts';

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
