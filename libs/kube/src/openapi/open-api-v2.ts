import type { JsonObject } from '../json.ts';
import type { ServedKind, ServedVersion } from '../served-kind.ts';
import { patchTypesOf } from '../negotiation/content-type.ts';
import { downConvert } from './down-convert.ts';
import type { OpenApiEdition } from './edition.ts';
import { jsonEdition } from './json-edition.ts';
import { objectTypes, type KubeOperation, type OperationForm, type OperationNames, type QueryParameter } from './kind-operations.ts';
import { extensions, listSchema, modelName, objectSchema, type Dialect } from './kind-schema.ts';
import { metaDefinitions, metaV1 } from './meta-definitions.ts';
import { modelsOf } from './named-parts.ts';
import { pathItems } from './path-items.ts';
import { scaleDefinitions, scaleModel } from './scale-definitions.ts';
import { oncePer } from './version-cache.ts';

/** The Swagger 2.0 document of everything served, as JSON. One dangling reference would spoil it for all its readers. */
export const openApiV2: OpenApiEdition = jsonEdition({
  modelsOf: modelsOfV2,
  pathsOf: pathsOfV2,
  shared: sharedDefinitionsV2(),
  before: '{"swagger":"2.0","info":{"title":"Tributary","version":"v1"},"paths":{',
  between: '},"definitions":{',
  after: '}}',
});

function ref(name: string): JsonObject {
  return { $ref: `#/definitions/${name}` };
}

/** The shared types describe references by wrapping them in allOf, which this version's readers do not follow. */
export function sharedDefinitionsV2(): JsonObject {
  return Object.fromEntries(Object.entries(metaDefinitions(ref)).map(([name, definition]) => [name, unwrapped(definition)]));
}

function unwrapped(definition: JsonObject): JsonObject {
  const { properties } = definition;
  if (properties === undefined) return definition;
  const fields = Object.entries(properties as { readonly [name: string]: JsonObject }).map(([name, { allOf, ...field }]) => {
    const [reference] = Array.isArray(allOf) ? (allOf as readonly JsonObject[]) : [];
    return [name, { ...field, ...reference }] as const;
  });
  return { ...definition, properties: Object.fromEntries(fields) };
}

const dialect: Dialect = {
  ref,
  describedRef: (name, description) => (description === undefined ? ref(name) : { ...ref(name), description }),
  namesFieldsOfOpenObjects: false,
  objectMeta: { ...ref(`${metaV1}.ObjectMeta`), description: 'What every object says about itself.' },
  listMeta: { ...ref(`${metaV1}.ListMeta`), description: 'What a list says about itself.' },
};

export function modelsOfV2(kind: ServedKind, version: ServedVersion): JsonObject {
  return {
    ...modelsOf(kind, version.name, definitionOf(kind, version), dialect),
    [modelName(kind.group, version.name, kind.listKind)]: listSchema(kind, version, dialect),
    ...scaleDefinitions(version, dialect),
  };
}

/** A kind that preserves unknown fields at its root says nothing: readers would refuse what it does not name. */
function definitionOf(kind: ServedKind, version: ServedVersion): JsonObject {
  const { source } = version.schema;
  if (source['x-kubernetes-preserve-unknown-fields'] === true) return { type: 'object', ...extensions(kind, version, kind.kind) };
  return objectSchema(kind, version, downConvert(source), dialect);
}

export function pathsOfV2(form: OperationForm, names: OperationNames): JsonObject {
  return pathItems(form, names, { pathParameter, operationObject });
}

function pathParameter(name: string, description: string): JsonObject {
  return { name, in: 'path', required: true, description, type: 'string', uniqueItems: true };
}

function operationObject(operation: KubeOperation, form: OperationForm, names: OperationNames): JsonObject {
  const { id, tag, description, action, gvk, method } = operation;
  const models = {
    object: names.objectModel,
    list: names.listModel,
    status: `${metaV1}.Status`,
    scale: scaleModel,
  };
  const answer = { description: 'OK', schema: ref(models[operation.answer]) };
  return {
    tags: [tag],
    description,
    operationId: id,
    schemes: ['https'],
    consumes: method === 'patch' ? patchTypesOf(form) : objectTypes,
    produces: objectTypes,
    parameters: [...bodyParameter(operation, names), ...queryParameters(operation.query)],
    responses: {
      200: answer,
      ...(method === 'post' ? { 201: { ...answer, description: 'Created' } } : {}),
      401: { description: 'Unauthorized' },
    },
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': gvk,
  };
}

/** All kinds' operations of one form share their parameters. */
const queryParameters = oncePer((query: readonly QueryParameter[]) => query.map(queryParameter));

function queryParameter({ name, type, description }: QueryParameter): JsonObject {
  return { name, in: 'query', description, type, uniqueItems: true };
}

function bodyParameter({ body }: KubeOperation, { objectModel }: OperationNames): readonly JsonObject[] {
  switch (body) {
    case undefined:
      return [];
    case 'object':
      return [{ name: 'body', in: 'body', required: true, schema: ref(objectModel) }];
    case 'scale':
      return [{ name: 'body', in: 'body', required: true, schema: ref(scaleModel) }];
    case 'patch':
      return [{ name: 'body', in: 'body', required: true, schema: ref(`${metaV1}.Patch`) }];
    case 'deleteOptions':
      return [{ name: 'body', in: 'body', schema: ref(`${metaV1}.DeleteOptions`) }];
  }
}
