import { describe, expect, it } from 'vitest';
import { AccountState } from './account-state.ts';
import type { AccountEvent } from './events.ts';
import { restoreSnapshot, takeSnapshot } from './snapshot.ts';
import { by, given } from './testing/given.ts';

type Wish = { readonly labels?: Record<string, string>; readonly note?: string; readonly owner?: string };

const declared = (name: string, more: Wish): AccountEvent => ({
  type: 'ResourceDeclared',
  key: { group: 'demo.test', resource: 'gadgets', namespace: 'default', name },
  uid: `uid-${name}`,
  object: {
    apiVersion: 'demo.test/v1',
    kind: 'Gadget',
    metadata: {
      name,
      namespace: 'default',
      uid: `uid-${name}`,
      resourceVersion: '2',
      ...(more.labels ? { labels: more.labels } : {}),
      ...(more.owner ? { ownerReferences: [{ apiVersion: 'demo.test/v1', kind: 'Gadget', name: 'a', uid: more.owner }] } : {}),
    },
    spec: { note: more.note ?? '' },
  },
  by,
});

describe('a snapshot', () => {
  it('gives back the state it was taken of', () => {
    const { account } = given(declared('a', { labels: { tier: 'gold' }, note: 'two\nlines, "quotes", ünïcode \u2028' }), declared('b', {}));
    const restored = restoreSnapshot([...takeSnapshot(account)].join(''));
    expect([restored.revision, restored.phase, restored.cluster, restored.path, restored.owner]).toEqual([
      2n,
      'open',
      'c1',
      'root:orgs:acme',
      null,
    ]);
    const [was, is] = [account, restored].map((state) =>
      state
        .list('gadgets.demo.test')
        .map(({ key, uid, position, text, labels, deleting, object }) => ({ key, uid, position, text, labels, deleting, object })),
    );
    expect(is).toHaveLength(2);
    expect(is).toEqual(was);
    expect(restored.findByUid('uid-a')?.name).toBe('a');
  });

  it('says what was so when it was asked for, however late it is written', () => {
    const { account } = given(declared('a', {}));
    const pieces = takeSnapshot(account);
    account.revision = 9n;
    for (const record of account.list('gadgets.demo.test')) account.remove(record);
    const restored = restoreSnapshot([...pieces].join(''));
    expect([restored.revision, restored.list('gadgets.demo.test').length]).toEqual([1n, 1]);
  });

  it('still tells who depends on whom', () => {
    const owned = declared('b', { owner: 'uid-a' });
    const restored = restoreSnapshot([...takeSnapshot(given(declared('a', {}), owned).account)].join(''));
    expect(Array.from(restored.dependentsOf('uid-a'), ({ name }) => name)).toEqual(['b']);
  });

  it('of an account that holds nothing is one line', () => {
    const restored = restoreSnapshot([...takeSnapshot(new AccountState())].join(''));
    expect([restored.phase, restored.resources()]).toEqual(['absent', []]);
  });
});
