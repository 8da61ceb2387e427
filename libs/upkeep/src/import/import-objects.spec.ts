import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import type { JsonObject, KubeObject } from '#kube';
import { ownersAnnotation, portable } from '../export/portable.ts';
import { differsAt } from './differs-at.ts';
import { importObjects, type ImportedItem } from './import-objects.ts';
import { importManager, type ImportTarget, type Place, type TargetKind, type Written } from './import-target.ts';

const coreKind = (kind: string, resource: string, namespaced = true): TargetKind => ({
  group: '',
  version: 'v1',
  kind,
  resource,
  namespaced,
  hasStatus: false,
});
const widget: TargetKind = { group: 'x.io', version: 'v1', kind: 'Widget', resource: 'widgets', namespaced: true, hasStatus: true };
const definition = { ...coreKind('CustomResourceDefinition', 'customresourcedefinitions', false), group: 'apiextensions.k8s.io' };

/** As much of a workspace as an import sees. `fails`: how many writes go through before it is out of reach. */
class MemoryTarget implements ImportTarget {
  readonly objects = new Map<string, KubeObject>();
  writes = 0;
  fails = Infinity;

  async kinds(): Promise<readonly TargetKind[]> {
    const all = [coreKind('Namespace', 'namespaces', false), coreKind('ConfigMap', 'configmaps'), definition];
    return this.objects.has('CustomResourceDefinition//widgets.x.io') ? [...all, widget] : all;
  }

  async get(place: Place): Promise<KubeObject | undefined> {
    return this.objects.get(keyOf(place));
  }

  async create(place: Place, object: KubeObject, { dryRun }: { readonly dryRun: boolean }): Promise<Written> {
    if (this.objects.has(keyOf(place))) return { type: 'exists' };
    if (place.namespace !== '' && place.namespace !== 'default' && !this.objects.has(`Namespace//${place.namespace}`))
      return { type: 'refused', code: 404, reason: `namespaces "${place.namespace}" not found` };
    const { status: _, ...content } = object;
    const metadata = { ...object.metadata, uid: randomUUID(), managedFields: [{ manager: importManager }] };
    return this.#write(place, { ...content, metadata } as KubeObject, dryRun);
  }

  async merge(place: Place, patch: JsonObject, subresource?: 'status'): Promise<Written> {
    const present = this.objects.get(keyOf(place));
    if (!present) return { type: 'refused', code: 404, reason: 'not found' };
    const { managedFields = [] } = present.metadata;
    const metadata = {
      ...present.metadata,
      ...(patch['metadata'] as object | undefined),
      managedFields: subresource ? [...managedFields, { manager: importManager, subresource }] : managedFields,
    };
    return this.#write(place, { ...present, ...patch, metadata } as KubeObject, false);
  }

  #write(place: Place, object: KubeObject, dryRun: boolean): Written {
    if (this.writes >= this.fails) throw new Error('out of reach');
    if (!dryRun) {
      this.writes += 1;
      this.objects.set(keyOf(place), object);
    }
    return { type: 'written', object };
  }
}

const keyOf = ({ kind: { kind }, namespace, name }: Place): string => `${kind}/${namespace}/${name}`;

function owned(name: string, by: string): KubeObject {
  const annotations = { [ownersAnnotation]: JSON.stringify([{ apiVersion: 'x.io/v1', kind: 'Widget', name: by, controller: true }]) };
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'team', annotations } };
}

const file: readonly KubeObject[] = [
  { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: 'widgets.x.io' } },
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'team' } },
  owned('early', 'w'),
  { apiVersion: 'x.io/v1', kind: 'Widget', metadata: { name: 'w', namespace: 'team' }, spec: { size: 3 }, status: { phase: 'On' } },
  owned('late', 'w'),
];

async function imported(target: MemoryTarget, objects: readonly KubeObject[] = file, dryRun = false): Promise<readonly ImportedItem[]> {
  const told: ImportedItem[] = [];
  async function* items() {
    for (const object of objects) yield { type: 'object' as const, object };
  }
  await importObjects(items(), { target, dryRun, report: (item) => told.push(item) });
  return told;
}

const count = (told: readonly ImportedItem[], type: ImportedItem['type']): number => told.filter((item) => item.type === type).length;

/** What matters of the objects, whose uids differ each time. */
function seen({ objects }: MemoryTarget) {
  const uids = new Map([...objects].map(([key, { metadata }]) => [metadata.uid, key]));
  return [...objects].map(([key, { spec, status, metadata }]) => ({
    key,
    spec,
    status,
    owners: metadata.ownerReferences?.map(({ uid, controller }) => [uids.get(uid), controller]),
  }));
}

it('creates everything with owners and status, whichever comes first; a second run does nothing', async () => {
  const target = new MemoryTarget();
  expect(count(await imported(target), 'created')).toBe(5);
  const owners = [['Widget/team/w', true]];
  expect(seen(target).filter(({ key }) => key.startsWith('ConfigMap'))).toMatchObject([{ owners }, { owners }]);
  expect(target.objects.get('Widget/team/w')).toMatchObject({ spec: { size: 3 }, status: { phase: 'On' } });
  expect([...target.objects.values()].every(({ metadata }) => metadata.annotations === undefined)).toBe(true);
  const { writes } = target;
  expect(count(await imported(target), 'unchanged')).toBe(5);
  expect(target.writes).toBe(writes);
});

it('ends with the same wherever it was interrupted', async () => {
  const whole = new MemoryTarget();
  await imported(whole);
  const sorted = (target: MemoryTarget) => seen(target).toSorted((a, b) => (a.key < b.key ? -1 : 1));
  for (let fails = 0; fails < whole.writes; fails++) {
    const target = new MemoryTarget();
    target.fails = fails;
    await expect(imported(target)).rejects.toThrow('out of reach');
    target.fails = Infinity;
    expect(count(await imported(target), 'refused')).toBe(0);
    expect([fails, sorted(target)]).toEqual([fails, sorted(whole)]);
  }
});

it('leaves alone what is there and differs, and the status that a provider has reported since', async () => {
  const target = new MemoryTarget();
  await imported(target);
  const present = target.objects.get('Widget/team/w')!;
  const managedFields = [{ manager: importManager }, { manager: 'provider', subresource: 'status' }];
  target.objects.set('Widget/team/w', { ...present, status: { phase: 'Newer' }, metadata: { ...present.metadata, managedFields } });
  expect(count(await imported(target), 'unchanged')).toBe(5);
  target.objects.set('Widget/team/w', { ...present, spec: { size: 4 } });
  expect((await imported(target)).filter(({ type }) => type === 'refused')).toEqual([
    { type: 'refused', what: 'Widget team/w', reason: 'it is there already, and differs at .spec.size' },
  ]);
});

it('says which owner is not there, and which kind is not served', async () => {
  const target = new MemoryTarget();
  const strange = { apiVersion: 'y.io/v1', kind: 'Strange', metadata: { name: 's' } };
  const told = await imported(target, [file[1]!, owned('alone', 'nobody'), strange]);
  expect(told.filter(({ type }) => type === 'refused')).toEqual([
    { type: 'refused', what: 'Strange s', reason: 'the workspace does not serve y.io/v1 Strange' },
    { type: 'refused', what: 'ConfigMap team/alone', reason: 'it is there without Widget nobody, which owns it and is not there' },
  ]);
});

it('writes nothing when it only tries, and says what cannot be tried', async () => {
  const target = new MemoryTarget();
  const told = await imported(target, file, true);
  expect(target.writes).toBe(0);
  expect([count(told, 'created'), count(told, 'unchecked'), count(told, 'refused')]).toEqual([2, 3, 0]);
});

it('takes out what a server has put in, and what is of no use elsewhere', () => {
  const metadata = {
    name: 'n',
    uid: 'u',
    resourceVersion: '7',
    generation: 2,
    creationTimestamp: '2026-01-01T00:00:00Z',
    managedFields: [{ manager: 'x' }],
    annotations: { 'kcp.io/cluster': 'abc', mine: 'stays' },
    finalizers: ['tributary.io/provider-release', 'mine.io/stays'],
    ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'o', uid: 'old' }],
  };
  const owners = JSON.stringify([{ apiVersion: 'v1', kind: 'ConfigMap', name: 'o' }]);
  expect(portable({ apiVersion: 'x.io/v1', kind: 'Widget', metadata, spec: {}, status: {} })).toEqual({
    apiVersion: 'x.io/v1',
    kind: 'Widget',
    metadata: { name: 'n', annotations: { mine: 'stays', [ownersAnnotation]: owners }, finalizers: ['mine.io/stays'] },
    spec: {},
  });
  const account = {
    apiVersion: 'core.platform-mesh.io/v1alpha1',
    kind: 'Account',
    metadata: { name: 'a' },
    spec: { type: 'org', creator: 'ada' },
  };
  expect(portable(account)).toMatchObject({ spec: { type: 'org' } });
  expect(portable(account).spec).not.toHaveProperty('creator');
});

it.each([
  [{ a: 1 }, { a: 1, b: 2 }, undefined],
  [{ a: [{ x: 1 }] }, { a: [{ x: 1, y: 'default' }] }, undefined],
  [{ a: {}, b: [], c: '', d: null }, {}, undefined],
  [{ a: [1, 2] }, { a: [1] }, '.a'],
  [{ a: [{ x: 1 }] }, { a: [{ x: 2 }] }, '.a[0].x'],
  [{ a: 'x' }, {}, '.a'],
  [{ a: 9007199254740993n }, { a: 9007199254740992n }, '.a'],
  [{ a: false }, {}, '.a'],
])('of %j, %j differs at %s', (wanted, present, path) => expect(differsAt(wanted, present)).toBe(path));
