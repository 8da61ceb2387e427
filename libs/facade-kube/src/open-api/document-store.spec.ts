import { describe, expect, it } from 'vitest';
import { widgets } from '../testing/widget-kinds.ts';
import { DocumentStore } from './document-store.ts';

const megabyte = 1024 * 1024;

function given() {
  const store = new DocumentStore();
  let made = 0;
  const wanted = (name: string, bytes: number, kinds = [widgets]) => ({
    name,
    kinds,
    make: () => ({ bytes: Buffer.alloc(bytes), hash: `${name} ${++made}` }),
  });
  return { store, wanted };
}

describe('documents', () => {
  it('are made once for the same kinds', () => {
    const { store, wanted } = given();
    expect(store.of(wanted('a', 1)).hash).toBe('a 1');
    expect(store.of(wanted('a', 1)).hash).toBe('a 1');
    expect(store.of(wanted('a', 1, [{ ...widgets }])).hash).toBe('a 2');
  });

  it('are let go when there are too many, but not their hashes', () => {
    const { store, wanted } = given();
    for (const name of ['a', 'b', 'c']) store.of(wanted(name, 10 * megabyte));
    expect(store.hashOf(wanted('a', 10 * megabyte))).toBe('a 1');
    expect(store.of(wanted('c', 10 * megabyte)).hash).toBe('c 3');
    expect(store.of(wanted('a', 10 * megabyte)).hash).toBe('a 4');
  });

  it('are kept one at a time where they are large', () => {
    const { store, wanted } = given();
    store.of(wanted('a', 30 * megabyte));
    expect(store.of(wanted('a', 30 * megabyte)).hash).toBe('a 1');
    store.of(wanted('b', 1));
    expect(store.of(wanted('a', 30 * megabyte)).hash).toBe('a 3');
  });
});
