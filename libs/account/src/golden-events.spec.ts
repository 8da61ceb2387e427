import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { BoundProvider, KubeObject, ResourceKey } from '#kube';
import { AccountState } from './account-state.ts';
import { decodeEvent, encodeEvent } from './event-codec.ts';
import { eventVersions, upcast, type Versions } from './event-versions.ts';
import type { AccountEvent, EventAuthor } from './events.ts';
import { evolve } from './evolve.ts';
import type { Seals } from './sealing.ts';

const folder = join(import.meta.dirname, 'golden-events');
const files = readdirSync(folder).toSorted();

/** `<type>.v<version>[.<what is special>].jsonl`: the event as it stands in the log, and what an account is after it. */
const goldens = files.map((file) => {
  const [type = '', version = ''] = file.split('.');
  const [written = '', folded = ''] = readFileSync(join(folder, file), 'utf8').split('\n');
  return { file, type, version: Number(version.slice(1)), written, folded: JSON.parse(folded) as unknown };
});

/** As simple as a seal can be: what stands in the log is the text in base64, with the uid before it. */
const seals: Seals = {
  seal: (uid, text) => `${uid}:${Buffer.from(text).toString('base64')}`,
  open: (uid, sealed) => (sealed.startsWith(`${uid}:`) ? Buffer.from(sealed.slice(uid.length + 1), 'base64').toString() : undefined),
};

describe('events that stand in a log for ever', () => {
  it.each(goldens)('are read as what they were: $file', ({ written, folded }) => {
    expect(told(after(written))).toEqual(folded);
  });

  it.each(Object.entries(eventVersions))('have a sample of each version: %s up to %d', (type, current) => {
    const versions = goldens.filter((golden) => golden.type === type && golden.file.split('.').length === 3).map(({ version }) => version);
    expect(versions).toEqual(Array.from({ length: current }, (_, index) => index + 1));
  });

  it('are of types that are still known', () => {
    expect(goldens.map(({ type }) => type).filter((type) => !(type in eventVersions))).toEqual([]);
  });

  // Where this fails, the form has changed: raise its version, write the way up, and add a file beside the old one, which is never changed.
  it.each(Object.entries(eventVersions))('are written as the sample of their version says: %s, version %d', (type, current) => {
    const golden = goldens.find(({ file }) => file === `${type}.v${current}.jsonl`);
    expect(encodeEvent(wholeEvents[type as AccountEvent['type']] as AccountEvent, seals)).toBe(golden?.written);
  });

  it.each(['sealed', 'marked'] as const)('are written as the sample says where secrets are sealed: %s', (sort) => {
    const golden = goldens.find(({ file }) => file === `ResourceDeclared.v1.${sort}.jsonl`);
    expect(encodeEvent({ sealed: sealedSecret, marked: markedFields }[sort], seals)).toBe(golden?.written);
  });
});

describe('an event of an older form', () => {
  const versions: Versions = {
    current: { Renamed: 3, Plain: 1 },
    upcasters: {
      Renamed: [
        ({ label, ...rest }) => ({ ...rest, title: label }),
        ({ title, ...rest }) => ({ ...rest, title: { text: title, language: 'en' } }),
      ],
    },
  };

  it.each([
    ['every step up', { type: 'Renamed', label: 'a', by: 1 }, { type: 'Renamed', title: { text: 'a', language: 'en' }, by: 1 }],
    ['the last one only', { type: 'Renamed', v: 2, title: 'a' }, { type: 'Renamed', title: { text: 'a', language: 'en' } }],
    ['none, being of the newest form', { type: 'Renamed', v: 3, title: { text: 'a' } }, { type: 'Renamed', title: { text: 'a' } }],
    ['none, there being one form only', { type: 'Plain', x: 1 }, { type: 'Plain', x: 1 }],
  ])('goes %s', (_, written, read) => expect(upcast(written, versions)).toEqual(read));

  it.each([{ type: 'Renamed', v: 4 }, { type: 'Plain', v: 2 }, { type: 'Unheard' }])(
    'is not guessed at where a newer release wrote it: %j',
    (written) => expect(() => upcast(written, versions)).toThrow('written by a newer release'),
  );
});

/** With all that there can be in it, so that the compiler points here when a field comes or goes. An object is the consumer's. */
type Whole<Value> = Value extends string | number | boolean | null | KubeObject
  ? Value
  : Value extends readonly (infer Item)[]
    ? readonly Whole<Item>[]
    : { readonly [Field in keyof Value]-?: Whole<Exclude<Value[Field], undefined>> };

/** What marks secrets makes the event a sealed one, which has a sample of its own. */
type Unmarked<Event> = Event extends unknown ? Omit<Event, 'secretFields'> : never;
type WholeEvents = { readonly [Type in AccountEvent['type']]: Whole<Unmarked<Extract<AccountEvent, { readonly type: Type }>>> };

const by: Whole<EventAuthor> = {
  user: 'ada@acme.test',
  impersonator: 'grace@acme.test',
  userAgent: 'kubectl/v1.34.0',
  fieldManager: 'kubectl-client-side-apply',
  at: '2026-01-02T03:04:05.678Z',
  cause: 'a7e2c1de-5e0f-4a51-9d42-0d6f2f1f0c11',
};

const key: ResourceKey = { group: 'demo.test', resource: 'gadgets', namespace: 'default', name: 'web' };
const uid = 'b1b2b3b4-0000-4000-8000-000000000001';
const provider: BoundProvider = { cluster: '2xk9qbnlr0t1a5wd', export: 'demo.test', identityHash: 'f00d' };
const owner = 'b1b2b3b4-0000-4000-8000-00000000000f';

const metadata = {
  name: 'web',
  namespace: 'default',
  uid,
  resourceVersion: '2',
  generation: 1,
  creationTimestamp: '2026-01-02T03:04:05Z',
  labels: { tier: 'gold' },
  annotations: { note: 'two\nlines, "quotes", ünïcode' },
  finalizers: ['mesh.tributary.io/provider'],
  ownerReferences: [{ apiVersion: 'demo.test/v1', kind: 'Gadget', name: 'base', uid: owner }],
  managedFields: [
    { manager: 'kubectl-client-side-apply', operation: 'Update', apiVersion: 'demo.test/v1', fieldsV1: { 'f:spec': { 'f:size': {} } } },
  ],
};

const object: KubeObject = {
  apiVersion: 'demo.test/v1',
  kind: 'Gadget',
  metadata,
  spec: { size: 9007199254740993n, ratio: 0.5, tags: ['a', null] },
  status: { conditions: [{ type: 'Ready', status: 'False', reason: 'Waiting', message: '', lastTransitionTime: '2026-01-02T03:04:05Z' }] },
};

const change = { key, uid, object, was: '2', provider, disowned: [owner], by };

const deleting: KubeObject = {
  ...object,
  metadata: { ...metadata, deletionTimestamp: '2026-01-02T03:04:06Z', deletionGracePeriodSeconds: 0 },
};

const wholeEvents: WholeEvents = {
  WorkspaceOpened: {
    type: 'WorkspaceOpened',
    cluster: '1a2b3c4d5e6f7g8h',
    path: 'root:orgs:acme',
    owner: { cluster: 'root', name: 'acme', uid: 'b1b2b3b4-0000-4000-8000-0000000000aa' },
    by,
  },
  ResourceDeclared: { type: 'ResourceDeclared', ...change },
  SpecRevised: { type: 'SpecRevised', ...change },
  MetadataRevised: { type: 'MetadataRevised', ...change },
  StatusReported: { type: 'StatusReported', sequence: '117000000000000001', ...change },
  DeletionRequested: { type: 'DeletionRequested', ...change, object: deleting },
  ResourceRemoved: { type: 'ResourceRemoved', ...change, object: deleting },
  ApiBound: {
    type: 'ApiBound',
    ...change,
    key: { group: 'apis.kcp.io', resource: 'apibindings', namespace: '', name: 'demo' },
    uid: 'b1b2b3b4-0000-4000-8000-000000000003',
    object: { apiVersion: 'apis.kcp.io/v1alpha2', kind: 'APIBinding', metadata: { name: 'demo', resourceVersion: '2' } },
    api: {
      binding: 'demo',
      provider,
      resources: [
        {
          group: 'demo.test',
          resource: 'gadgets',
          schemaHash: 'c0ffee',
          schemaName: 'v1.gadgets.demo.test',
          schemaUid: 'b1b2b3b4-0000-4000-8000-000000000002',
          storageVersions: ['v1'],
        },
      ],
    },
  },
  ApiUnbound: { type: 'ApiUnbound', binding: 'demo', by },
  WorkspaceClosing: { type: 'WorkspaceClosing', by },
  WorkspaceClosed: { type: 'WorkspaceClosed', by },
};

const sealedSecret: AccountEvent = {
  type: 'ResourceDeclared',
  key: { group: '', resource: 'secrets', namespace: 'default', name: 'door' },
  uid,
  object: {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'door', namespace: 'default', uid, resourceVersion: '2' },
    type: 'Opaque',
    data: { code: 'MTIzNA==' },
  },
  by,
};

const markedFields: AccountEvent = {
  type: 'ResourceDeclared',
  ...change,
  object: { ...object, spec: { size: 1, users: [{ name: 'ada' }, { name: 'grace', password: 'x9' }], tokens: { a: 'y8' } } },
  secretFields: [
    ['spec', 'users', '*', 'password'],
    ['spec', 'tokens'],
  ],
};

/** An account that was opened, has an API bound and an object, and then this. */
function after(written: string): AccountState {
  const account = new AccountState();
  const before = ['WorkspaceOpened', 'ApiBound', 'ResourceDeclared'].map((type) => goldens.find(({ file }) => file === `${type}.v1.jsonl`));
  for (const [index, text] of [...before.map((golden) => golden?.written ?? ''), written].entries())
    evolve(account, decodeEvent(text, seals), BigInt(index));
  return account;
}

/** All that a fold knows, in plain JSON. */
function told(account: AccountState): unknown {
  const { phase, cluster, path, owner: belongsTo, revision } = account;
  const objects = account
    .resources()
    .flatMap((resource) => account.list(resource))
    .map((record) => ({
      key: record.key,
      uid: record.uid,
      position: String(record.position),
      labels: record.labels,
      deleting: record.deleting,
      owners: record.owners,
      provider: record.provider ?? null,
      sequence: record.sequence ?? null,
      ...(record.secretFields ? { secretFields: record.secretFields } : {}),
      text: record.text,
    }));
  const bindings = [...account.bindings.values()];
  return { revision: String(revision), phase, cluster, path, owner: belongsTo, bindings, objects };
}
