import { describe, expect, it } from 'vitest';
import type { AccountState } from './account-state.ts';
import type { AccountEvent } from './events.ts';
import { evolve } from './evolve.ts';
import { by, gadgetKey, given } from './testing/given.ts';

const change = (
  type: 'ResourceDeclared' | 'MetadataRevised' | 'ResourceRemoved',
  name: string,
  ...owners: readonly string[]
): AccountEvent => ({
  type,
  key: { ...gadgetKey, name },
  uid: `uid-${name}`,
  object: {
    apiVersion: 'demo.test/v1',
    kind: 'Gadget',
    metadata: {
      name,
      uid: `uid-${name}`,
      ...(owners.length > 0 ? { ownerReferences: owners.map((uid) => ({ apiVersion: 'v1', kind: 'ConfigMap', name: 'o', uid })) } : {}),
    },
  },
  by,
});

const dependents = (state: AccountState, owner: string): readonly string[] =>
  Array.from(state.dependentsOf(owner), ({ name }) => name).sort();

describe('the dependents of an owner', () => {
  it('are those that name it, whether it exists or not', () => {
    const { account } = given(
      change('ResourceDeclared', 'a', 'x', 'y'),
      change('ResourceDeclared', 'b', 'y'),
      change('ResourceDeclared', 'c'),
    );
    expect([dependents(account, 'x'), dependents(account, 'y'), dependents(account, 'z')]).toEqual([['a'], ['a', 'b'], []]);
  });

  it('change with their references, and go with themselves', () => {
    const { account } = given(
      change('ResourceDeclared', 'a', 'x'),
      change('ResourceDeclared', 'b', 'x'),
      change('MetadataRevised', 'a', 'y'),
      change('ResourceRemoved', 'b'),
    );
    expect([dependents(account, 'x'), dependents(account, 'y')]).toEqual([[], ['a']]);
  });

  it('are seen by a fork as they would be, and by its base when it is absorbed', () => {
    const { account } = given(change('ResourceDeclared', 'a', 'x'), change('ResourceDeclared', 'b', 'x'));
    const fork = account.fork();
    const changes = [change('MetadataRevised', 'a', 'y'), change('ResourceRemoved', 'b', 'x'), change('ResourceDeclared', 'c', 'x')];
    for (const [at, event] of changes.entries()) evolve(fork, event, BigInt(10 + at));
    expect([dependents(fork, 'x'), dependents(fork, 'y')]).toEqual([['c'], ['a']]);
    expect([dependents(account, 'x'), dependents(account, 'y')]).toEqual([['a', 'b'], []]);
    account.absorb(fork);
    expect([dependents(account, 'x'), dependents(account, 'y')]).toEqual([['c'], ['a']]);
  });
});
