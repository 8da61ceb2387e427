import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openWorkspace } from '#account';
import type { JsonObject, KubeObject, ServedKind } from '#kube';
import { MemoryEventLog } from '#stream';
import { House } from '../house.ts';
import type { Author, WatchEvent, Workspace, WriteOutcome } from '../workspaces.ts';
import { builtinKind } from './kind-table.ts';

const author: Author = { user: 'admin', groups: ['system:masters'], userAgent: 'spec/1', fieldManager: 'spec', cause: 'spec' };
const write = { version: 'v1', author, dryRun: false, fieldValidation: 'Strict' as const, duplicateFields: [] };
const definitions = builtinKind('customresourcedefinitions.apiextensions.k8s.io');

let log: MemoryEventLog;
let house: House;
let workspace: Workspace;

const start = (): House => new House({ log, soleWriter: true, publicUrl: 'https://mesh.test', offers: async () => [] });

beforeEach(async () => {
  log = new MemoryEventLog();
  house = start();
  const root = await house.accounts.account('root');
  const by = { user: 'spec', userAgent: 'spec', fieldManager: 'spec', at: '2026-01-02T03:04:05.678Z', cause: 'spec' };
  await root.submit((state) => openWorkspace({ cluster: 'root', path: 'root', owner: null, furniture: [], by }, state));
  workspace = await opened();
});
afterEach(() => house.close());

async function opened(): Promise<Workspace> {
  const found = await house.open('root');
  if (!found) throw new Error('root is open');
  return found;
}

const schema: JsonObject = {
  type: 'object',
  properties: {
    spec: { type: 'object', properties: { size: { type: 'integer', minimum: 0 }, color: { type: 'string', default: 'red' } } },
    status: { type: 'object', properties: { ready: { type: 'boolean' } } },
  },
};

const version = (name: string, more: JsonObject = {}): JsonObject => ({
  name,
  served: true,
  storage: true,
  schema: { openAPIV3Schema: schema },
  ...more,
});

function definition(
  plural: string,
  kind: string,
  more: { names?: JsonObject; versions?: readonly JsonObject[]; spec?: JsonObject } = {},
): KubeObject {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.example.com` },
    spec: {
      group: 'example.com',
      scope: 'Cluster',
      names: { plural, kind, ...more.names },
      versions: more.versions ?? [version('v1')],
      ...more.spec,
    },
  };
}

const define = (body: KubeObject): Promise<WriteOutcome> => workspace.create({ ...write, kind: definitions, namespace: '', body });

function kindOf(resource: string): ServedKind {
  const kind = workspace.served().find((known) => known.resource === resource);
  if (!kind) throw new Error(`${resource} are not served`);
  return kind;
}

const declare = (kind: ServedKind, name: string, spec: JsonObject, versionName = 'v1'): Promise<WriteOutcome> =>
  workspace.create({
    ...write,
    kind,
    version: versionName,
    namespace: '',
    body: { apiVersion: `example.com/${versionName}`, kind: kind.kind, metadata: { name }, spec },
  });

const revise = (kind: ServedKind, name: string, patch: JsonObject): Promise<WriteOutcome> =>
  workspace.patch({ ...write, kind, namespace: '', name, patch: { type: 'merge', patch, duplicateFields: [] } });

function objectOf(outcome: WriteOutcome): KubeObject {
  if (outcome.type === 'refused') throw new Error(JSON.stringify(outcome.refusal));
  return outcome.object.object;
}

const causesOf = (outcome: WriteOutcome): readonly string[] =>
  outcome.type === 'refused' && outcome.refusal.type === 'ObjectInvalid'
    ? outcome.refusal.causes.map(({ field, message }) => `${field}: ${message}`)
    : [outcome.type];

const conditionsOf = (object: KubeObject): readonly string[] =>
  (object.status as unknown as { readonly conditions: readonly Record<string, string>[] }).conditions.map(
    ({ type, status, reason, message }) => `${type} ${status} ${reason}: ${message}`,
  );

describe('a definition', () => {
  it('is established, and its kind served, in the event of its creation', async () => {
    const made = objectOf(await define(definition('widgets', 'Widget', { names: { shortNames: ['wd'] } })));
    expect(made.spec).toMatchObject({ names: { singular: 'widget', listKind: 'WidgetList' }, conversion: { strategy: 'None' } });
    expect(conditionsOf(made)).toEqual([
      'NamesAccepted True NoConflicts: no conflicts found',
      'Established True InitialNamesAccepted: the initial names have been accepted',
    ]);
    expect(made.status).toMatchObject({
      acceptedNames: { plural: 'widgets', singular: 'widget', shortNames: ['wd'], kind: 'Widget', listKind: 'WidgetList' },
      storedVersions: ['v1'],
    });
    expect(objectOf(await declare(kindOf('widgets'), 'a', { size: 1 })).spec).toEqual({ size: 1, color: 'red' });
  });

  it('of a protected group says who has approved it, also after that has changed', async () => {
    const body = definition('widgets', 'Widget', { spec: { group: 'widgets.k8s.io' } });
    const approved = (text: string) => ({ annotations: { 'api-approved.kubernetes.io': text } });
    const metadata = { name: 'widgets.widgets.k8s.io', ...approved('unapproved, trying it out') };
    const made = await define({ ...body, metadata });
    expect(conditionsOf(objectOf(made)).at(-1)).toMatch(/^KubernetesAPIApprovalPolicyConformant False UnapprovedAnnotation/);
    const revised = objectOf(await revise(definitions, metadata.name, { metadata: approved('https://example.com/1') }));
    expect(conditionsOf(revised).at(-1)).toBe(
      'KubernetesAPIApprovalPolicyConformant True ApprovedAnnotation: approved in https://example.com/1',
    );
    expect(revised.metadata.generation).toBe(1);
  });

  it('with a format that nobody knows draws a warning, once', async () => {
    const odd = { type: 'object', properties: { spec: { type: 'object', properties: { a: { type: 'string', format: 'odd' } } } } };
    const versions = [version('v1', { schema: { openAPIV3Schema: odd } })];
    expect((await define(definition('widgets', 'Widget', { versions }))).warnings).toEqual(['unrecognized format "odd"']);
    expect((await revise(definitions, 'widgets.example.com', { spec: { names: { shortNames: ['wd'] } } })).warnings).toEqual([]);
  });

  it('keeps what the server says in its status, whatever a client writes there', async () => {
    await define(definition('gadgets', 'Gadget'));
    const condition = { type: 'Audited', status: 'True', reason: 'Read', message: 'by hand' };
    const patch = { type: 'merge', patch: { status: { conditions: [condition], acceptedNames: null } }, duplicateFields: [] } as const;
    const patched = await workspace.patch({
      ...write,
      kind: definitions,
      namespace: '',
      name: 'gadgets.example.com',
      subresource: 'status',
      patch,
    });
    expect(patched).toMatchObject({
      type: 'committed',
      object: {
        object: {
          status: { acceptedNames: { plural: 'gadgets' }, conditions: [{ type: 'NamesAccepted' }, { type: 'Established' }, condition] },
        },
      },
    });
  });

  it('is back after a restart', async () => {
    await define(definition('widgets', 'Widget'));
    await declare(kindOf('widgets'), 'a', { size: 1 });
    await house.close();
    house = start();
    workspace = await opened();
    expect((await workspace.get({ kind: kindOf('widgets'), version: 'v1', namespace: '', name: 'a' }))?.object.spec).toMatchObject({
      size: 1,
    });
  });

  it('is served by every process over the log, as soon as one has taken it', async () => {
    await house.close();
    const [first, second] = [false, false].map(
      (soleWriter) => new House({ log, soleWriter, publicUrl: 'https://mesh.test', offers: async () => [] }),
    ) as [House, House];
    workspace = (await first.open('root')) ?? workspace;
    const other = await second.open('root');
    await define(definition('widgets', 'Widget'));
    workspace = (await second.open('root')) ?? workspace;
    expect(workspace).toBe(other);
    expect(objectOf(await declare(kindOf('widgets'), 'a', { size: 1 })).spec).toMatchObject({ size: 1 });
    await Promise.all([first.close(), second.close()]);
  });

  it('does not get names that others have', async () => {
    await define(definition('widgets', 'Widget', { names: { shortNames: ['wd'] } }));
    const late = objectOf(await define(definition('gizmos', 'Widget', { names: { singular: 'gizmo', shortNames: ['wd', 'gz'] } })));
    expect(conditionsOf(late)).toEqual([
      'NamesAccepted False ListKindConflict: "WidgetList" is already in use',
      'Established False NotAccepted: not all names are accepted',
    ]);
    expect(late.status).toMatchObject({ acceptedNames: { plural: 'gizmos', singular: 'gizmo', kind: '' } });
    expect(workspace.served().some(({ resource }) => resource === 'gizmos')).toBe(false);
  });

  it.each<[string, KubeObject, readonly string[]]>([
    [
      'no spec',
      { ...definition('widgets', 'Widget'), spec: null } as unknown as KubeObject,
      [
        'metadata.name: Invalid value: "widgets.example.com": must be spec.names.plural+"."+spec.group',
        'spec.group: Required value',
        'spec.scope: Required value',
        'spec.versions: Invalid value: []: must have exactly one version marked as storage version',
        ...['plural', 'singular', 'kind', 'listKind'].map((name) => `spec.names.${name}: Required value`),
      ],
    ],
    [
      'another name',
      { ...definition('widgets', 'Widget'), metadata: { name: 'w.example.com' } },
      ['metadata.name: Invalid value: "w.example.com": must be spec.names.plural+"."+spec.group'],
    ],
    [
      'no storage version',
      definition('widgets', 'Widget', { versions: [version('v1', { storage: false })] }),
      [expect.stringMatching(/^spec\.versions: Invalid value: .*: must have exactly one version marked as storage version$/) as string],
    ],
    [
      'no schema',
      definition('widgets', 'Widget', { versions: [{ name: 'v1', served: true, storage: true }] }),
      ['spec.versions[0].schema.openAPIV3Schema: Required value: schemas are required'],
    ],
    [
      'a field without a type',
      definition('widgets', 'Widget', {
        versions: [version('v1', { schema: { openAPIV3Schema: { type: 'object', properties: { spec: {} } } } })],
      }),
      ['spec.validation.openAPIV3Schema.properties[spec].type: Required value: must not be empty for specified object fields'],
    ],
    [
      'a rule about a field that there is not',
      definition('widgets', 'Widget', {
        versions: [version('v1', { schema: { openAPIV3Schema: { ...schema, 'x-kubernetes-validations': [{ rule: 'self.nope == 1' }] } } })],
      }),
      [expect.stringContaining("compilation failed: ERROR: <input>:1:5: undefined field 'nope'") as string],
    ],
    [
      'fields preserved in the old way',
      definition('widgets', 'Widget', { spec: { preserveUnknownFields: true } }),
      [
        'spec.preserveUnknownFields: Invalid value: true: cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead',
      ],
    ],
    [
      "a group of the community's",
      { ...definition('widgets', 'Widget', { spec: { group: 'example.k8s.io' } }), metadata: { name: 'widgets.example.k8s.io' } },
      [
        'metadata.annotations[api-approved.kubernetes.io]: Required value: protected groups must have approval annotation "api-approved.kubernetes.io", see https://github.com/kubernetes/enhancements/pull/1111',
      ],
    ],
    [
      'a selectable field of no simple type',
      definition('widgets', 'Widget', {
        versions: [version('v1', { selectableFields: [{ jsonPath: '.spec' }, { jsonPath: '.spec.nope' }] })],
      }),
      [
        'spec.selectableFields[0].jsonPath: Invalid value: ".spec": must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.',
        'spec.selectableFields[1].jsonPath: Invalid value: ".spec.nope": is an invalid path: does not refer to a valid field',
      ],
    ],
  ])('is refused with %s', async (_, body, causes) => {
    expect(causesOf(await define(body))).toEqual(causes);
  });

  it('is told of keywords that there are not', async () => {
    const body = definition('widgets', 'Widget', {
      versions: [version('v1', { schema: { openAPIV3Schema: { ...schema, 'x-mine': 1 } } })],
    });
    expect(await define(body)).toMatchObject({
      type: 'refused',
      refusal: { message: expect.stringContaining('unknown field "spec.versions[0].schema.openAPIV3Schema.x-mine"') as string },
    });
  });

  it('keeps what its objects rest on', async () => {
    await define(definition('widgets', 'Widget'));
    const outcome = await revise(definitions, 'widgets.example.com', { spec: { scope: 'Namespaced', names: { kind: 'Gadget' } } });
    expect(causesOf(outcome)).toEqual([
      'spec.scope: Invalid value: "Namespaced": field is immutable',
      'spec.names.kind: Invalid value: "Gadget": field is immutable',
    ]);
    const gone = await revise(definitions, 'widgets.example.com', { spec: { versions: [version('v2')] } });
    expect(causesOf(gone)).toEqual([
      expect.stringMatching(/^status\.storedVersions\[0\]: Invalid value: "v1": missing from spec\.versions; v1/),
    ]);
  });

  it('changes its kind, and what was written before is shown as it is now; who watches takes up where they were', async () => {
    await define(definition('widgets', 'Widget'));
    await declare(kindOf('widgets'), 'a', { size: 1 });
    const seen: WatchEvent[] = [];
    let ended = false;
    const request = { kind: kindOf('widgets'), version: 'v1', namespace: '', after: workspace.position() };
    await workspace.watch(request, { events: (batch) => seen.push(...batch), ended: () => (ended = true) });
    const next: JsonObject = {
      type: 'object',
      properties: { spec: { type: 'object', properties: { shape: { type: 'string', default: 'round' } } } },
    };
    objectOf(
      await revise(definitions, 'widgets.example.com', { spec: { versions: [version('v1', { schema: { openAPIV3Schema: next } })] } }),
    );
    const shown = await workspace.get({ kind: kindOf('widgets'), version: 'v1', namespace: '', name: 'a' });
    expect(shown?.object.spec).toEqual({ shape: 'round' });
    objectOf(await revise(kindOf('widgets'), 'a', { metadata: { labels: { x: 'y' } } }));
    await new Promise((resolve) => setImmediate(resolve));
    expect([seen.map(({ type }) => type), ended]).toEqual([[], true]);
  });
});

describe('a definition with two versions', () => {
  const shape = (field: string, more: JsonObject = {}): JsonObject => {
    const fields = { size: { type: 'integer' }, [field]: { type: 'string', ...more } };
    return { openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties: fields } } } };
  };
  const versions = (storage: string): readonly JsonObject[] =>
    ['v1', 'v2'].map((name) =>
      version(name, { storage: name === storage, schema: name === 'v1' ? shape('old', { default: 'old' }) : shape('new') }),
    );
  const get = async (name: string, versionName: string) =>
    (await workspace.get({ kind: kindOf('widgets'), version: versionName, namespace: '', name }))?.object;

  beforeEach(async () => {
    objectOf(await define(definition('widgets', 'Widget', { versions: versions('v1') })));
  });

  it('shows and takes each object in each of them', async () => {
    await declare(kindOf('widgets'), 'a', { size: 1, new: 'x' }, 'v2');
    expect(await get('a', 'v2')).toMatchObject({ apiVersion: 'example.com/v2', spec: { size: 1 } });
    expect(await get('a', 'v1')).toMatchObject({ apiVersion: 'example.com/v1', spec: { size: 1, old: 'old' } });
    expect(kindOf('widgets').versions.map(({ name }) => name)).toEqual(['v2', 'v1']);
  });

  it('keeps objects where they are when the storage version changes, until they are written', async () => {
    await declare(kindOf('widgets'), 'a', { size: 1 });
    const changed = objectOf(await revise(definitions, 'widgets.example.com', { spec: { versions: versions('v2') } }));
    expect(changed.status).toMatchObject({ storedVersions: ['v1', 'v2'] });
    const kept = (await house.accounts.account('root')).state.list('widgets.example.com');
    expect(kept[0]?.object.apiVersion).toBe('example.com/v1');
    const before = await get('a', 'v2');
    const again = objectOf(
      await workspace.update({ ...write, kind: kindOf('widgets'), version: 'v2', namespace: '', name: 'a', body: before as KubeObject }),
    );
    expect(again.metadata.generation).toBe(1);
    const rewritten = (await house.accounts.account('root')).state.list('widgets.example.com');
    expect(rewritten[0]?.object.apiVersion).toBe('example.com/v2');
  });

  it('loses a version once a client says that no object is kept in it any more', async () => {
    await declare(kindOf('widgets'), 'a', { size: 1 });
    await revise(definitions, 'widgets.example.com', { spec: { versions: versions('v2') } });
    const last = { spec: { versions: versions('v2').slice(1) } };
    expect(causesOf(await revise(definitions, 'widgets.example.com', last))[0]).toMatch(/^status\.storedVersions\[0\]/);
    const said = { ...write, kind: definitions, namespace: '', name: 'widgets.example.com', subresource: 'status' as const };
    await workspace.patch({ ...said, patch: { type: 'merge', patch: { status: { storedVersions: ['v2'] } }, duplicateFields: [] } });
    objectOf(await revise(definitions, 'widgets.example.com', last));
    expect(kindOf('widgets').versions.map(({ name }) => name)).toEqual(['v2']);
    // It was kept in a version that is gone: it is shown as the last one has it, all the same.
    expect(await get('a', 'v2')).toMatchObject({ apiVersion: 'example.com/v2', spec: { size: 1 } });
  });
});
