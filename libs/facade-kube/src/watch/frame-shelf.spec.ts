import { expect, it } from 'vitest';
import { storedObject } from '../testing/index.ts';
import { FrameShelf } from './frame-shelf.ts';
import { framerFor } from './frames.ts';

const widget = (name: string) =>
  storedObject({ apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name, resourceVersion: '1' }, spec: { text: '' } }, 1n);

const pinnedBytes = (frames: readonly Buffer[]): number =>
  [...new Set(frames.map(({ buffer }) => buffer))].reduce((sum, { byteLength }) => sum + byteLength, 0);

it('keeps with its frames no memory of others, however many allocate between them', () => {
  const frame = framerFor({} as Parameters<typeof framerFor>[0]);
  const objects = Array.from({ length: 400 }, (_, index) => widget(`w${index}`));
  const others: Buffer[] = [];
  const frames = objects.map((object) => {
    others.push(Buffer.from('o'.repeat(20_000)));
    return frame('ADDED', object);
  });
  expect(pinnedBytes(frames)).toBeLessThan(3 * 64 * 1024);
  expect(others.every((bytes) => bytes.every((byte) => byte === 'o'.charCodeAt(0)))).toBe(true);
});

it('makes the frames of an object once, and each as it is', () => {
  const shelf = new FrameShelf();
  const [one, other] = [widget('one'), widget('other')];
  const texts = ['ä'.repeat(1_000), '日'.repeat(5_000), '', '😀'.repeat(8_000), 'x'.repeat(100_000)];
  for (const text of texts) expect(shelf.keep('whole', 'ADDED', one, text).toString()).toBe(text);
  const kept = shelf.keep('whole', 'MODIFIED', one, 'kept');
  for (let count = 0; count < 100; count += 1) shelf.keep('whole', 'ADDED', other, 'z'.repeat(5_000));
  expect(shelf.find('whole', 'MODIFIED', one)).toBe(kept);
  expect(kept.toString()).toBe('kept');
  expect(shelf.find('metadata', 'MODIFIED', one)).toBeUndefined();
  expect(shelf.find('whole', 'DELETED', one)).toBeUndefined();
});

it('lets go of all frames once they are too many bytes, and of nothing before', () => {
  const shelf = new FrameShelf(256 * 1024);
  const objects = Array.from({ length: 1_000 }, (_, index) => widget(`w${index}`));
  const kept = objects.map((object) => shelf.keep('whole', 'ADDED', object, 'x'.repeat(1_000)));
  const atHand = objects.filter((object) => shelf.find('whole', 'ADDED', object) !== undefined);
  expect(pinnedBytes(atHand.map((object) => shelf.find('whole', 'ADDED', object)!))).toBeLessThanOrEqual(256 * 1024 + 64 * 1024);
  expect(atHand).toContain(objects.at(-1));
  expect(shelf.find('whole', 'ADDED', objects[0]!)).toBeUndefined();
  expect(kept[0]?.toString()).toBe('x'.repeat(1_000));
  shelf.keep('whole', 'ADDED', objects[0]!, 'y'.repeat(2 * 1024 * 1024));
  shelf.keep('whole', 'ADDED', objects[1]!, 'y');
  expect(shelf.find('whole', 'ADDED', objects[0]!)).toBeUndefined();
  expect(shelf.find('whole', 'ADDED', objects[1]!)?.toString()).toBe('y');
});
