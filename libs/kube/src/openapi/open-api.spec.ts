import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../json.ts';
import { compileSchema } from '../schema/compile-schema.ts';
import { isJsonList, isJsonObject } from '../schema/json-shape.ts';
import { widgetSchema } from '../schema/widget-schema.fixture.ts';
import type { KubeVerb, ServedKind, ServedVersion } from '../served-kind.ts';
import { openApiHash, type OpenApiEdition, type OpenApiPart } from './edition.ts';
import { openApiV2 as editionV2 } from './open-api-v2.ts';
import { openApiV3 as editionV3 } from './open-api-v3.ts';

function partsOf(edition: OpenApiEdition, kinds: readonly ServedKind[]): readonly OpenApiPart[] {
  return kinds.flatMap((kind) => kind.versions.filter(({ served }) => served).map((version) => edition.part(kind, version)));
}

const documentOf = (edition: OpenApiEdition, kinds: readonly ServedKind[]): JsonObject =>
  JSON.parse(Buffer.concat(edition.join(partsOf(edition, kinds))).toString()) as JsonObject;

const openApiV3 = (...kinds: readonly ServedKind[]): JsonObject => documentOf(editionV3, kinds);
const openApiV2 = (kinds: readonly ServedKind[]): JsonObject => documentOf(editionV2, kinds);

const everything: readonly KubeVerb[] = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection'];

function version(more: Partial<ServedVersion> = {}): ServedVersion {
  return {
    name: 'v1',
    served: true,
    schema: compileSchema(widgetSchema),
    statusSubresource: true,
    columns: [],
    selectableFields: ['spec.color'],
    ...more,
  };
}

function kindOf(more: Partial<ServedKind> = {}): ServedKind {
  return {
    group: 'example.com',
    resource: 'widgets',
    singular: 'widget',
    kind: 'Widget',
    listKind: 'WidgetList',
    shortNames: [],
    categories: [],
    namespaced: true,
    nameRule: 'dns1123subdomain',
    verbs: everything,
    versions: [version()],
    storageVersion: 'v1',
    unconditionalUpdate: false,
    hasGeneration: true,
    source: { type: 'builtin' },
    ...more,
  };
}

const widget = kindOf();
const ref = (name: string): JsonObject => ({ $ref: `#/components/schemas/${name}` });
const meta = 'io.k8s.apimachinery.pkg.apis.meta.v1';

function at(document: Json | undefined, ...path: readonly string[]): Json | undefined {
  return path.reduce<Json | undefined>((value, key) => (isJsonObject(value) ? value[key] : undefined), document);
}

function references(value: Json | undefined): readonly string[] {
  if (isJsonList(value)) return value.flatMap(references);
  if (!isJsonObject(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) => (key === '$ref' && typeof inner === 'string' ? [inner] : references(inner)));
}

function expectNothingDangling(document: JsonObject): void {
  for (const reference of new Set(references(document))) {
    expect(at(document, ...reference.replace('#/', '').split('/')), reference).toBeDefined();
  }
}

describe('the OpenAPI v3 document of a group and version', () => {
  const document = openApiV3(widget);

  it('has every path of a namespaced kind', () => {
    const paths = at(document, 'paths') as JsonObject;
    const methods = Object.entries(paths).map(([path, item]) => [
      path,
      Object.keys(item as JsonObject).filter((key) => key !== 'parameters'),
    ]);
    expect(Object.fromEntries(methods)).toEqual({
      '/apis/example.com/v1/namespaces/{namespace}/widgets': ['get', 'post', 'delete'],
      '/apis/example.com/v1/namespaces/{namespace}/widgets/{name}': ['get', 'put', 'patch', 'delete'],
      '/apis/example.com/v1/namespaces/{namespace}/widgets/{name}/status': ['get', 'put', 'patch'],
      '/apis/example.com/v1/widgets': ['get'],
    });
  });

  it('says how to patch, where kubectl looks for it', () => {
    const patch = at(document, 'paths', '/apis/example.com/v1/namespaces/{namespace}/widgets/{name}', 'patch') as JsonObject;
    expect(patch['x-kubernetes-action']).toBe('patch');
    expect(patch['x-kubernetes-group-version-kind']).toEqual({ group: 'example.com', version: 'v1', kind: 'Widget' });
    expect(at(patch, 'requestBody', 'content')).toEqual({
      'application/json-patch+json': { schema: ref(`${meta}.Patch`) },
      'application/merge-patch+json': { schema: ref(`${meta}.Patch`) },
      'application/apply-patch+yaml': { schema: ref(`${meta}.Patch`) },
    });
    const names = (patch['parameters'] as readonly JsonObject[]).map(({ name }) => name);
    expect(names).toEqual(['pretty', 'dryRun', 'fieldManager', 'fieldValidation', 'force']);
  });

  it('lists with selectors, pages and watches', () => {
    const list = at(document, 'paths', '/apis/example.com/v1/widgets', 'get') as JsonObject;
    const names = (list['parameters'] as readonly JsonObject[]).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['labelSelector', 'fieldSelector', 'limit', 'continue', 'watch', 'resourceVersion']));
    expect(list['x-kubernetes-action']).toBe('list');
    expect(list['operationId']).toBe('listExampleComV1WidgetForAllNamespaces');
  });

  it('keeps the schema whole, with metadata as a reference', () => {
    const model = at(document, 'components', 'schemas', 'com.example.v1.Widget') as JsonObject;
    expect(model['x-kubernetes-group-version-kind']).toEqual([{ group: 'example.com', version: 'v1', kind: 'Widget' }]);
    expect(model['x-kubernetes-selectable-fields']).toEqual([{ fieldPath: 'spec.color' }]);
    expect(at(model, 'properties', 'metadata')).toMatchObject({ allOf: [ref(`${meta}.ObjectMeta`)] });
    expect(at(model, 'properties', 'spec', 'properties', 'color')).toEqual({
      type: 'string',
      enum: ['red', 'green', 'blue'],
      default: 'red',
    });
    expect(at(model, 'properties', 'spec', 'properties', 'embed', 'properties', 'kind')).toMatchObject({ type: 'string' });
    expect(at(model, 'properties', 'spec', 'properties', 'embed', 'required')).toEqual(['kind', 'apiVersion']);
    expect(at(document, 'components', 'schemas', 'com.example.v1.WidgetList', 'properties', 'items', 'items')).toEqual(
      ref('com.example.v1.Widget'),
    );
  });

  it('has the shared types, and no reference to a missing one', () => {
    const names = Object.keys(at(document, 'components', 'schemas') as JsonObject).filter((name) => name.startsWith(meta));
    const types = [
      'ObjectMeta',
      'ListMeta',
      'OwnerReference',
      'ManagedFieldsEntry',
      'FieldsV1',
      'Time',
      'Status',
      'StatusDetails',
      'StatusCause',
    ];
    expect(names).toEqual(
      expect.arrayContaining([...types, 'DeleteOptions', 'Preconditions', 'WatchEvent', 'Patch'].map((name) => `${meta}.${name}`)),
    );
    expectNothingDangling(document);
  });

  it('offers strategic merge patches only of kinds that clients have compiled in', () => {
    const typesOf = (kind: ServedKind): readonly string[] => {
      const path = at(openApiV3(kind), 'paths', '/apis/example.com/v1/namespaces/{namespace}/widgets/{name}');
      return Object.keys(at(path as JsonObject, 'patch', 'requestBody', 'content') as JsonObject);
    };
    const strategic = 'application/strategic-merge-patch+json';
    expect(typesOf(widget)).not.toContain(strategic);
    expect(typesOf({ ...widget, compiledIn: true })).toContain(strategic);
  });

  it('is empty of operations that a kind does not have', () => {
    const computed = kindOf({ namespaced: false, verbs: ['get', 'list'], versions: [version({ statusSubresource: false })] });
    const paths = at(openApiV3(computed), 'paths') as JsonObject;
    expect(Object.entries(paths).map(([path, item]) => [path, Object.keys(item as JsonObject)])).toEqual([
      ['/apis/example.com/v1/widgets', ['get']],
      ['/apis/example.com/v1/widgets/{name}', ['get', 'parameters']],
    ]);
  });

  it('puts the core group where clients expect it', () => {
    const namespace = kindOf({ group: '', resource: 'namespaces', kind: 'Namespace', listKind: 'NamespaceList', namespaced: false });
    const core = openApiV3(namespace);
    expect(Object.keys(at(core, 'paths') as JsonObject)).toContain('/api/v1/namespaces/{name}/status');
    expect(at(core, 'components', 'schemas', 'io.k8s.api.core.v1.Namespace')).toBeDefined();
  });
});

describe('the parts of documents', () => {
  const partOf = (kind: ServedKind): OpenApiPart | undefined => partsOf(editionV3, [kind])[0];

  it('are made once per served version', () => {
    expect(partOf({ ...widget, shortNames: ['wd'] })).toBe(partOf(widget));
    expect(partOf({ ...widget, versions: [version()] })).not.toBe(partOf(widget));
  });

  it('are not mixed up where kinds share a version', () => {
    const gadget = { ...widget, kind: 'Gadget', listKind: 'GadgetList', resource: 'gadgets' };
    const schemas = at(openApiV3(widget, gadget), 'components', 'schemas') as JsonObject;
    expect(Object.keys(schemas)).toEqual(expect.arrayContaining(['com.example.v1.Widget', 'com.example.v1.Gadget']));
  });

  it('say once what several have', () => {
    const scale = { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' };
    const scaled = ['widgets', 'gadgets'].map((resource) => kindOf({ resource, kind: resource, versions: [version({ scale })] }));
    const text = Buffer.concat(editionV3.join(partsOf(editionV3, scaled))).toString();
    expect(text.split('"io.k8s.api.autoscaling.v1.ScaleSpec":')).toHaveLength(2);
    expectNothingDangling(JSON.parse(text) as JsonObject);
  });

  it('are told apart by their hashes', () => {
    expect(partOf(kindOf())?.hash).toEqual(partOf(kindOf())?.hash);
    expect(partOf(kindOf())?.hash).not.toEqual(partOf(kindOf({ kind: 'Gadget' }))?.hash);
  });
});

describe('the hash of a document', () => {
  const hashOf = (kind: ServedKind): string => openApiHash(editionV3, partsOf(editionV3, [kind]));

  it('is SHA-512 in upper case, and changes with the schema', () => {
    const changed = kindOf({ versions: [version({ schema: compileSchema({ type: 'object' }) })] });
    const hash = hashOf(widget);
    expect(hash).toMatch(/^[0-9A-F]{128}$/);
    expect(hashOf(kindOf())).toBe(hash);
    expect(hashOf(changed)).not.toBe(hash);
    expect(openApiHash(editionV2, partsOf(editionV2, [widget]))).not.toBe(hash);
  });
});

describe('the OpenAPI v2 document', () => {
  const v2Of = (source: JsonObject): JsonObject => {
    const document = openApiV2([kindOf({ versions: [version({ schema: compileSchema(source) })] })]);
    expectNothingDangling(document);
    return at(document, 'definitions', 'com.example.v1.Widget') as JsonObject;
  };
  const specOf = (properties: JsonObject, required: readonly string[] = []): Json | undefined =>
    at(
      v2Of({ type: 'object', properties: { spec: { type: 'object', properties, ...(required.length > 0 ? { required } : {}) } } }),
      'properties',
      'spec',
    );

  it('holds every group and version', () => {
    const document = openApiV2([
      widget,
      kindOf({ group: 'other.io', versions: [version({ name: 'v2' }), version({ name: 'v1', served: false })] }),
    ]);
    expect(Object.keys(at(document, 'definitions') as JsonObject)).toEqual(
      expect.arrayContaining(['com.example.v1.Widget', 'io.other.v2.Widget']),
    );
    expect(at(document, 'definitions', 'io.other.v1.Widget')).toBeUndefined();
    expect(at(document, 'paths', '/apis/other.io/v2/namespaces/{namespace}/widgets/{name}', 'patch', 'consumes')).toEqual([
      'application/json-patch+json',
      'application/merge-patch+json',
      'application/apply-patch+yaml',
    ]);
    expectNothingDangling(document);
    expect(JSON.stringify(document)).not.toContain('"allOf"');
  });

  it.each<[string, JsonObject, JsonObject]>([
    ['junctors vanish', { type: 'string', anyOf: [{ minLength: 1 }], allOf: [], oneOf: [], not: {} }, { type: 'string' }],
    ['nullable loses its type and shape', { type: 'object', nullable: true, properties: { x: { type: 'string' } } }, {}],
    [
      'a list without items loses its type',
      { type: 'array', items: { type: 'string' }, 'x-kubernetes-preserve-unknown-fields': true },
      { 'x-kubernetes-preserve-unknown-fields': true },
    ],
    [
      'an open object loses its type',
      { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
      { 'x-kubernetes-preserve-unknown-fields': true },
    ],
    [
      'list types stay',
      { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' } },
      { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' } },
    ],
  ])('%s', (_, schema, converted) => {
    expect(at(specOf({ a: schema }), 'properties', 'a')).toEqual(converted);
  });

  it('does not demand nullable fields', () => {
    const properties = { a: { type: 'string', nullable: true }, b: { type: 'string' } };
    expect(at(specOf(properties, ['a', 'b']), 'required')).toEqual(['b']);
    expect(specOf(properties, ['a'])).not.toHaveProperty('required');
  });

  it('says nothing of a kind that preserves unknown fields at its root', () => {
    expect(v2Of({ type: 'object', 'x-kubernetes-preserve-unknown-fields': true, properties: { spec: { type: 'object' } } })).toEqual({
      type: 'object',
      'x-kubernetes-group-version-kind': [{ group: 'example.com', version: 'v1', kind: 'Widget' }],
      'x-kubernetes-selectable-fields': [{ fieldPath: 'spec.color' }],
    });
  });

  it('names no fields of open embedded resources', () => {
    expect(at(v2Of(widgetSchema), 'properties', 'spec', 'properties', 'embed')).not.toHaveProperty('properties');
  });
});
