import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { JsonObject, KubeObject } from '#kube';
import type { WatchEvent } from '#workspace';
import { aHouse, eventually, type WorkspaceUnderTest } from './testing/a-house.ts';

let mesh: Awaited<ReturnType<typeof aHouse>>;
let workspace: WorkspaceUnderTest;
beforeEach(async () => {
  mesh = await aHouse();
  workspace = await mesh.at('root');
});
afterEach(() => mesh.stop());

const versions = [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }];

const define = (plural: string, kind: string, group = 'example.com', names: JsonObject = {}) =>
  workspace.create('customresourcedefinitions', {
    metadata: { name: `${plural}.${group}` },
    spec: { group, scope: 'Namespaced', names: { plural, kind, ...names }, versions } as JsonObject,
  });

const serves = (resource: string): boolean => workspace.workspace.served().some((kind) => kind.resource === resource);
const definition = (name: string): Promise<KubeObject | undefined> => workspace.get('customresourcedefinitions', name);
const conditions = (object: KubeObject | undefined): readonly string[] =>
  ((object?.status as { conditions?: readonly { type: string; status: string; reason: string }[] })?.conditions ?? []).map(
    ({ type, status, reason }) => `${type} ${status} ${reason}`,
  );

async function declare(name: string, finalizers?: readonly string[]) {
  return workspace.create('widgets', { metadata: { name, namespace: 'default', ...(finalizers ? { finalizers } : {}) } });
}

describe('a definition that is changed', () => {
  it('ends the watches of its kind, which would go on showing what they know: a client takes up where it was', async () => {
    await define('widgets', 'Widget');
    const seen: WatchEvent[] = [];
    let ended = false;
    const request = { kind: workspace.kind('widgets'), version: 'v1', namespace: '', after: workspace.workspace.position() };
    await workspace.workspace.watch(request, { events: (batch) => seen.push(...batch), ended: () => (ended = true) });
    await declare('before');
    await workspace.patch('customresourcedefinitions', 'widgets.example.com', { metadata: { labels: { of: 'us' } } });
    await nextTurn();
    expect(ended).toBe(false);
    const schema = { openAPIV3Schema: { type: 'object', properties: { note: { type: 'string' } } } };
    const changed = { spec: { versions: [{ ...versions[0], schema }] } } as unknown as JsonObject;
    await Promise.all([workspace.patch('customresourcedefinitions', 'widgets.example.com', changed), declare('after')]);
    await nextTurn();
    expect([seen.map(({ object }) => object.name), ended]).toEqual([['before'], true]);
  });
});

describe('a definition that is deleted', () => {
  it('takes its objects with it, then its kind, and ends the watches', async () => {
    await define('widgets', 'Widget');
    await declare('a');
    const seen: WatchEvent[] = [];
    let ended = false;
    const request = { kind: workspace.kind('widgets'), version: 'v1', namespace: '', after: workspace.workspace.position() };
    await workspace.workspace.watch(request, { events: (batch) => seen.push(...batch), ended: () => (ended = true) });
    expect((await workspace.delete('customresourcedefinitions', 'widgets.example.com')).type).toBe('terminating');
    await workspace.gone('customresourcedefinitions', 'widgets.example.com');
    await nextTurn();
    expect([seen.map(({ type }) => type), ended, serves('widgets')]).toEqual([['DELETED'], true, false]);
    // And once more: what was there is not there again.
    await define('widgets', 'Widget');
    expect(await workspace.get('widgets', 'a', 'default')).toBeUndefined();
  });

  it('waits for what holds its objects, and takes no new ones meanwhile', async () => {
    await define('widgets', 'Widget');
    await declare('held', ['example.com/holds']);
    await workspace.delete('customresourcedefinitions', 'widgets.example.com');
    await eventually(async () =>
      conditions(await definition('widgets.example.com')).includes('Terminating True InstanceDeletionInProgress') ? true : undefined,
    );
    expect((await definition('widgets.example.com'))?.metadata.finalizers).toEqual(['customresourcecleanup.apiextensions.k8s.io']);
    expect(await declare('late')).toMatchObject({
      refusal: { type: 'ActionForbidden', message: 'create not allowed while custom resource definition is terminating' },
    });
    await workspace.patch('widgets', 'held', { metadata: { finalizers: null } }, 'default');
    await workspace.gone('customresourcedefinitions', 'widgets.example.com');
    expect(serves('widgets')).toBe(false);
  });

  it('leaves its names to those that waited for them', async () => {
    await define('widgets', 'Widget');
    await define('wodgets', 'Widget', 'example.com', { singular: 'wodget' });
    expect(conditions(await definition('wodgets.example.com'))).toEqual([
      'NamesAccepted False ListKindConflict',
      'Established False NotAccepted',
    ]);
    await workspace.delete('customresourcedefinitions', 'widgets.example.com');
    await eventually(async () => (serves('wodgets') ? true : undefined));
    expect(conditions(await definition('wodgets.example.com'))).toEqual([
      'NamesAccepted True NoConflicts',
      'Established True InitialNamesAccepted',
    ]);
  });

  it('goes with its workspace, objects and all', async () => {
    await workspace.create('accounts', { metadata: { name: 'acme' }, spec: { type: 'org' } });
    const orgs = await mesh.at('root:orgs');
    await orgs.create('accounts', { metadata: { name: 'acme' }, spec: { type: 'org' } });
    await orgs.ready('accounts', 'acme');
    workspace = await mesh.at('root:orgs:acme');
    await define('widgets', 'Widget');
    await declare('a');
    await orgs.delete('accounts', 'acme');
    await orgs.gone('accounts', 'acme');
  });
});

describe('a definition and a binding of one name', () => {
  const api = {
    group: 'example.com',
    names: { plural: 'widgets', singular: 'widget', kind: 'Widget', listKind: 'WidgetList' },
    scope: 'Namespaced',
    versions: [{ name: 'v1', served: true, storage: true, schema: { type: 'object' } }],
  };
  const reference = { export: { path: 'root:providers:demo', name: 'example.com' } };

  beforeEach(async () => {
    await (await mesh.at('root:providers')).create('accounts', { metadata: { name: 'demo' }, spec: { type: 'account' } });
    const provider = await mesh.at('root:providers:demo');
    await provider.create('apiresourceschemas', { metadata: { name: 'v1.widgets.example.com' }, spec: api });
    const resources = [{ group: 'example.com', name: 'widgets', schema: 'v1.widgets.example.com', storage: { crd: {} } }];
    await provider.create('apiexports', { metadata: { name: 'example.com' }, spec: { resources } });
  });

  it('exclude each other: the first is served', async () => {
    await define('widgets', 'Widget');
    await workspace.create('apibindings', { metadata: { name: 'late' }, spec: { reference } });
    const late = await workspace.ready('apibindings', 'late', '', 'False');
    expect(JSON.stringify(late.status)).toContain('naming conflict with CustomResourceDefinition widgets.example.com');
    await workspace.delete('customresourcedefinitions', 'widgets.example.com');
    await workspace.ready('apibindings', 'late');
    expect(workspace.kind('widgets').source.type).toBe('bound');
  });

  it('exclude each other until the definition leaves the name to others', async () => {
    await define('gadgets', 'Gadget', 'example.com', { shortNames: ['widgets'] });
    await workspace.create('apibindings', { metadata: { name: 'late' }, spec: { reference } });
    await workspace.ready('apibindings', 'late', '', 'False');
    await workspace.patch('customresourcedefinitions', 'gadgets.example.com', { spec: { names: { shortNames: null } } });
    await workspace.ready('apibindings', 'late');
  });

  it.each<[string, string, string, JsonObject, string]>([
    ['kind', 'gadgets', 'Widget', { singular: 'gadget', listKind: 'GadgetList' }, 'Widget'],
    ['kind of lists', 'gadgets', 'Gadget', { listKind: 'WidgetList' }, 'WidgetList'],
    ['singular', 'gadgets', 'Gadget', { singular: 'widget' }, 'widget'],
    ['plural for a short name', 'gadgets', 'Gadget', { shortNames: ['widgets'] }, 'widgets'],
  ])('exclude each other by their %s', async (_, plural, kind, names, word) => {
    await define(plural, kind, 'example.com', names);
    await define('others', 'Other', 'example.org', { shortNames: ['widgets'] });
    await workspace.create('apibindings', { metadata: { name: 'late' }, spec: { reference } });
    const late = await workspace.ready('apibindings', 'late', '', 'False');
    expect(JSON.stringify(late.status)).toContain(
      `CustomResourceDefinition gadgets.example.com: ${JSON.stringify(JSON.stringify(word)).slice(1, -1)} is already`,
    );
    expect(JSON.stringify(late.status)).not.toContain('others.example.org');
    await workspace.delete('customresourcedefinitions', 'gadgets.example.com');
    await workspace.ready('apibindings', 'late');
  });

  it('exclude each other, the other way round, until the binding goes', async () => {
    await workspace.create('apibindings', { metadata: { name: 'first' }, spec: { reference } });
    await workspace.ready('apibindings', 'first');
    await define('widgets', 'Widget');
    expect(conditions(await definition('widgets.example.com'))[0]).toBe('NamesAccepted False ListKindConflict');
    expect(workspace.kind('widgets').source.type).toBe('bound');
    await workspace.delete('apibindings', 'first');
    await eventually(async () => (serves('widgets') && workspace.kind('widgets').source.type === 'custom' ? true : undefined));
  });
});
