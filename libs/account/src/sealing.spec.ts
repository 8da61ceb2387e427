import { expect, test } from 'vitest';
import type { KubeObject } from '#kube';
import { AccountState } from './account-state.ts';
import { decodeEvent, eventHeadOf, encodeEvent, sealedUidOf } from './event-codec.ts';
import type { AccountEvent } from './events.ts';
import { evolve } from './evolve.ts';
import type { Seals } from './sealing.ts';
import { restoreSnapshot, sealedUidsIn, takeSnapshot } from './snapshot.ts';

const by = { user: 'ada', userAgent: 'spec', fieldManager: 'spec', at: '2026-01-01T00:00:00.000Z', cause: 'spec' };
const seals: Seals = {
  seal: (uid, text) => Buffer.from(`${uid}|${text}`).toString('base64'),
  open: (uid, sealed) => Buffer.from(sealed, 'base64').toString().slice(`${uid}|`.length),
};
const shredded: Seals = { ...seals, open: () => undefined };

const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';
const secret = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: {
    name: 's',
    namespace: 'n',
    uid: 'u1',
    resourceVersion: '1',
    annotations: { a: 'shown', [lastApplied]: '{"data":"hunter2"}' },
  },
  type: 'Opaque',
  data: { password: 'hunter2' },
} satisfies KubeObject & Record<string, unknown>;
const key = { group: '', resource: 'secrets', namespace: 'n', name: 's' };
const declared = (object: KubeObject = secret): AccountEvent => ({ type: 'ResourceDeclared', key, uid: 'u1', object, by });

test('a Secret stands sealed in its event, contents and what kubectl has copied of them', () => {
  const text = encodeEvent(declared(), seals);
  expect(text).not.toContain('hunter2');
  expect(text).toContain('"a":"shown"');
  expect(decodeEvent(text, seals)).toEqual(declared());
  expect([sealedUidOf(text), eventHeadOf({ data: text }).key]).toEqual(['u1', key]);
});

test('whoever cannot open it, or comes after its key, reads it without its contents', () => {
  const text = encodeEvent(declared(), seals);
  const { data: _, ...rest } = secret;
  const open = { ...rest, metadata: { ...secret.metadata, annotations: { a: 'shown' } } };
  expect(decodeEvent(text)).toEqual({ ...declared(), object: open });
  expect(decodeEvent(text, shredded)).toEqual({ ...declared(), object: open });
});

test('a Secret is never written in clear for want of a key', () => {
  expect(() => encodeEvent(declared())).toThrow('sealed or not at all');
  const state = new AccountState();
  evolve(state, declared(), 0n);
  expect(() => [...takeSnapshot(state)]).toThrow('sealed or not at all');
});

test('what holds no secret is written as ever', () => {
  const { data: _, ...empty } = secret;
  expect(sealedUidOf(encodeEvent(declared({ ...empty, metadata: { name: 's' } })))).toBeUndefined();
  const configMap = { ...declared(), key: { ...key, resource: 'configmaps' } };
  expect(encodeEvent(configMap)).toContain('hunter2');
  const closing: AccountEvent = { type: 'WorkspaceClosing', by };
  expect([sealedUidOf(encodeEvent(closing)), decodeEvent(encodeEvent(closing), seals)]).toEqual([undefined, closing]);
});

test('a snapshot keeps Secrets sealed, and tells whose keys it needs', () => {
  const state = new AccountState();
  evolve(state, declared(), 0n);
  evolve(
    state,
    {
      ...declared(),
      uid: 'u2',
      key: { ...key, resource: 'configmaps' },
      object: { ...secret, kind: 'ConfigMap', data: { x: 'y' }, metadata: { name: 's', namespace: 'n', uid: 'u2' } },
    } as AccountEvent,
    1n,
  );
  const text = [...takeSnapshot(state, seals)].join('');
  expect(text).not.toContain('hunter2');
  expect(sealedUidsIn(text)).toEqual(['u1']);
  const restored = restoreSnapshot(text, seals);
  expect(restored.find(key)?.object).toEqual(secret);
  expect(restored.findByUid('u2')?.object).toMatchObject({ data: { x: 'y' } });
  expect(restoreSnapshot(text, shredded).find(key)?.object).not.toHaveProperty('data');
  expect(sealedUidsIn([...takeSnapshot(new AccountState())].join(''))).toEqual([]);
});
