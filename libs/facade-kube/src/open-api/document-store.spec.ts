import { describe, expect, it } from 'vitest';
import type { OpenApiEdition } from '#kube';
import { widgets } from '../testing/widget-kinds.ts';
import { DocumentStore } from './document-store.ts';

const megabyte = 1024 * 1024;

function given() {
  const store = new DocumentStore();
  let made = 0;
  const wanted = (name: string, bytes: number, kind = widgets) => {
    const edition: OpenApiEdition = {
      part: () => ({ paths: Buffer.alloc(bytes), models: new Map(), hash: Buffer.from(`${name} ${++made}`) }),
      join: (parts) => parts.map(({ paths }) => paths),
    };
    return { name, edition, about: kind.versions.slice(0, 1).map((version) => ({ kind, version })) };
  };
  return { store, wanted, made: () => made };
}

describe('documents', () => {
  it('are made once for the same kinds', async () => {
    const { store, wanted, made } = given();
    const [first] = await Promise.all([store.of(wanted('a', 1)), store.of(wanted('a', 1))]);
    expect([await store.of(wanted('a', 1)), made()]).toEqual([first, 1]);
    expect((await store.of(wanted('a', 1, { ...widgets }))).hash).not.toBe(first.hash);
  });

  it('are let go when there are too many, but not their hashes', async () => {
    const { store, wanted, made } = given();
    const { hash } = await store.of(wanted('a', 10 * megabyte));
    for (const name of ['b', 'c']) await store.of(wanted(name, 10 * megabyte));
    expect(await store.hashOf(wanted('a', 10 * megabyte))).toBe(hash);
    await store.of(wanted('c', 10 * megabyte));
    expect(made()).toBe(3);
    await store.of(wanted('a', 10 * megabyte));
    expect(made()).toBe(4);
  });

  it('are kept one at a time where they are large', async () => {
    const { store, wanted, made } = given();
    for (let time = 0; time < 2; time++) await store.of(wanted('a', 30 * megabyte));
    expect(made()).toBe(1);
    await store.of(wanted('b', 1));
    await store.of(wanted('a', 30 * megabyte));
    expect(made()).toBe(3);
  });

  it('that could not be made are tried again', async () => {
    const { store, wanted } = given();
    const broken: OpenApiEdition = {
      part: () => {
        throw new Error('a fault');
      },
      join: () => [],
    };
    await expect(store.of({ ...wanted('a', 1), edition: broken })).rejects.toThrow('a fault');
    expect(await store.of(wanted('a', 1))).toMatchObject({ length: 1 });
  });
});
