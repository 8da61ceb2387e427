import { expect, test } from 'vitest';
import { trendOf, type Sample } from './trend.ts';

const samples = (valueAt: (second: number) => number): readonly Sample[] =>
  Array.from({ length: 61 }, (_, index) => ({ atSeconds: index * 10, value: valueAt(index * 10) }));

test('what is flat after a warm-up has no trend, also as a saw-tooth', () => {
  expect(trendOf(samples(() => 100))).toEqual({ level: 100, perHour: 0, growth: 0 });
  expect(trendOf(samples((second) => (second < 200 ? second : 200))).growth).toBe(0);
  expect(Math.abs(trendOf(samples((second) => 100 + (second % 70))).growth)).toBeLessThan(10);
});

test('what grows is seen under the saw-tooth, by as much as it grows', () => {
  const { growth, perHour } = trendOf(samples((second) => 100 + (second % 70) + second / 10));
  expect(growth).toBeGreaterThan(35);
  expect(growth).toBeLessThan(45);
  expect(perHour).toBeCloseTo((growth * 3600) / 400);
});

test('too few samples are no proof', () => {
  expect(() => trendOf([])).toThrow('no samples');
  expect(() => trendOf(samples(() => 1).slice(0, 2))).toThrow('tell no trend');
});
