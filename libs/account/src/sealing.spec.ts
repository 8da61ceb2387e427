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

const door = (version: string) =>
  ({
    apiVersion: 'demo.test/v1',
    kind: 'Door',
    metadata: {
      name: 's',
      namespace: 'n',
      uid: 'u1',
      resourceVersion: version,
      annotations: { a: 'shown', [lastApplied]: '{"spec":{"pin":"hunter2"}}' },
      managedFields: [
        {
          manager: 'kubectl',
          operation: 'Apply',
          apiVersion: 'demo.test/v1',
          fieldsType: 'FieldsV1',
          fieldsV1: { 'f:spec': { 'v:"hunter2"': {} } },
        },
      ],
    },
    spec: {
      pin: 'hunter2',
      users: [{ name: 'ada' }, { name: 'grace', pin: 'hunter2' }],
      byName: { x: { pin: 'hunter2', level: 1 }, y: {} },
      pins: ['hunter2', 'hunter2'],
      size: 9007199254740993n,
    },
  }) as unknown as KubeObject;

const secretFields = [
  ['spec', 'pin'],
  ['spec', 'users', '*', 'pin'],
  ['spec', 'byName', '*', 'pin'],
  ['spec', 'pins'],
  ['spec', 'absent', 'pin'],
];
const doorKey = { group: 'demo.test', resource: 'doors', namespace: 'n', name: 's' };
const marked = (version = '1'): AccountEvent => ({
  type: 'ResourceDeclared',
  key: doorKey,
  uid: 'u1',
  object: door(version),
  secretFields,
  by,
});

test('fields that a schema marks stand sealed wherever they are, with kubectl’s copy and the owners of set items', () => {
  const text = encodeEvent(marked(), seals);
  expect(text).not.toContain('hunter2');
  expect(text).toContain('"a":"shown"');
  expect(decodeEvent(text, seals)).toEqual(marked());
  expect([sealedUidOf(text), eventHeadOf({ data: text }).key]).toEqual(['u1', doorKey]);
  const open = decodeEvent(text, shredded) as Extract<AccountEvent, { object: unknown }>;
  expect(open.object.spec).toEqual({
    users: [{ name: 'ada' }, { name: 'grace' }],
    byName: { x: { level: 1 }, y: {} },
    size: 9007199254740993n,
  });
  expect(open.secretFields).toEqual(secretFields);
  expect(() => encodeEvent(marked())).toThrow('sealed or not at all');
});

test('a snapshot keeps marked fields sealed, and still knows them', () => {
  const state = new AccountState();
  evolve(state, decodeEvent(encodeEvent(marked(), seals), seals), 0n);
  const text = [...takeSnapshot(state, seals)].join('');
  expect(text).not.toContain('hunter2');
  expect(sealedUidsIn(text)).toEqual(['u1']);
  const restored = restoreSnapshot(text, seals);
  expect(restored.find(doorKey)?.object).toEqual(door('1'));
  expect(restored.find(doorKey)?.secretFields).toEqual(secretFields);
  // One array for all objects of a kind, however they came into memory.
  expect(restored.find(doorKey)?.secretFields).toBe(state.find(doorKey)?.secretFields);
});
