import { describe, expect, it } from 'vitest';
import { ObjectRecord, type ObjectChange } from '#account';
import { Held, RecentChanges } from './recent-changes.ts';

/** A change of an object whose text is so many characters long, or a few more. */
function change(position: number, length = 1_000): ObjectChange {
  const metadata = { name: 'x', annotations: { a: 'x'.repeat(length) } };
  const key = { group: '', resource: 'configmaps', namespace: 'default', name: 'x' };
  const fields = { key, uid: 'u', position: BigInt(position), provider: undefined, sequence: undefined };
  const after = ObjectRecord.of({ apiVersion: 'v1', kind: 'ConfigMap', metadata }, fields);
  return { position: BigInt(position), before: undefined, after, removed: false };
}

function filled(held: Held, count: number): RecentChanges {
  const recent = new RecentChanges(held);
  for (let position = 1; position <= count; position++) recent.push(change(position));
  return recent;
}

const positions = (changes: readonly ObjectChange[] | undefined) => changes?.map(({ position }) => Number(position));

describe('recent changes', () => {
  it('are all there behind a position, or it is said that they are not', () => {
    const recent = filled(new Held(), 5_000);
    expect(positions(recent.after(4_997n))).toEqual([4_998, 4_999, 5_000]);
    expect(recent.after(0n)).toBeUndefined();
    expect((recent.after(3_000n) ?? []).length).toBe(2_000);
  });

  it('of all accounts together are bounded: those that grow keep fewer, and every one some', () => {
    const held = new Held(2_000_000);
    const quiet = filled(held, 100);
    const busy = Array.from({ length: 10 }, () => filled(held, 3_000));
    expect(held.length).toBeLessThan(2_000_000 + 10 * 140_000);
    expect(positions(quiet.after(0n))).toHaveLength(100);
    for (const recent of busy) {
      expect(positions(recent.after(2_980n))).toEqual(Array.from({ length: 20 }, (_, index) => 2_981 + index));
      expect(recent.after(10n)).toBeUndefined();
    }
  });

  it('are let go of when the account is', () => {
    const held = new Held();
    const recent = filled(held, 50);
    expect(held.length).toBeGreaterThan(50_000);
    recent.rest();
    expect([held.length, recent.after(49n), positions(recent.after(50n))]).toEqual([0, undefined, []]);
  });

  it('keep few objects parsed where many accounts have changes, and count none that are gone', () => {
    const held = new Held();
    const many = Array.from({ length: 60 }, () => new RecentChanges(held));
    for (let position = 1; position <= 100; position++) for (const recent of many) recent.push(change(position, 10));
    expect(held.parsed).toBeGreaterThan(500);
    expect(held.parsed).toBeLessThanOrEqual(1_001);
    for (const recent of many) recent.rest();
    expect(held.parsed).toBe(0);
  });
});
