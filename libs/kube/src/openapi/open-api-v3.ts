import type { JsonObject } from '../json.ts';
import { patchTypesOf } from '../negotiation/content-type.ts';
import type { ServedKind, ServedVersion } from '../served-kind.ts';
import type { OpenApiEdition } from './edition.ts';
import { jsonEdition } from './json-edition.ts';
import { objectTypes, type KubeOperation, type OperationForm, type OperationNames, type QueryParameter } from './kind-operations.ts';
import { listSchema, modelName, objectSchema, type Dialect } from './kind-schema.ts';
import { described, metaDefinitions, metaV1 } from './meta-definitions.ts';
import { modelsOf } from './named-parts.ts';
import { pathItems } from './path-items.ts';
import { scaleDefinitions, scaleModel } from './scale-definitions.ts';
import { oncePer } from './version-cache.ts';

/**
 * The OpenAPI 3.0 document of one group and version, as kubectl reads it for explain, validation and patch types. Its parts are of
 * kinds that are served in that version.
 */
export const openApiV3: OpenApiEdition = jsonEdition({
  modelsOf: modelsOfV3,
  pathsOf,
  shared: metaDefinitions(ref),
  before: '{"openapi":"3.0.0","info":{"title":"Tributary","version":"v1"},"paths":{',
  between: '},"components":{"schemas":{',
  after: '}}}',
});

function ref(name: string): JsonObject {
  return { $ref: `#/components/schemas/${name}` };
}

const dialect: Dialect = {
  ref,
  describedRef: (name, description) => (description === undefined ? ref(name) : described(ref(name), description)),
  namesFieldsOfOpenObjects: true,
  objectMeta: described(ref(`${metaV1}.ObjectMeta`), 'What every object says about itself.'),
  listMeta: described(ref(`${metaV1}.ListMeta`), 'What a list says about itself.'),
};

function modelsOfV3(kind: ServedKind, version: ServedVersion): JsonObject {
  return {
    ...modelsOf(kind, version.name, objectSchema(kind, version, version.schema.source, dialect), dialect),
    [modelName(kind.group, version.name, kind.listKind)]: listSchema(kind, version, dialect),
    ...scaleDefinitions(version, dialect),
  };
}

function pathsOf(form: OperationForm, names: OperationNames): JsonObject {
  return pathItems(form, names, { pathParameter, operationObject });
}

function pathParameter(name: string, description: string): JsonObject {
  return { name, in: 'path', required: true, description, schema: { type: 'string', uniqueItems: true } };
}

function operationObject(operation: KubeOperation, form: OperationForm, names: OperationNames): JsonObject {
  const { id, tag, description, action, gvk } = operation;
  return {
    tags: [tag],
    description,
    operationId: id,
    parameters: queryParameters(operation.query),
    ...requestBody(operation, form, names),
    responses: responses(operation, names),
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': gvk,
  };
}

/** All kinds' operations of one form share their parameters. */
const queryParameters = oncePer((query: readonly QueryParameter[]) => query.map(queryParameter));

function queryParameter({ name, type, description }: QueryParameter): JsonObject {
  return { name, in: 'query', description, schema: { type, uniqueItems: true } };
}

function requestBody({ body }: KubeOperation, form: OperationForm, names: OperationNames): JsonObject {
  switch (body) {
    case undefined:
      return {};
    case 'object':
      return { requestBody: { required: true, content: contentOf(objectTypes, names.objectModel) } };
    case 'scale':
      return { requestBody: { required: true, content: contentOf(objectTypes, scaleModel) } };
    case 'patch':
      return { requestBody: { required: true, content: contentOf(patchTypesOf(form), `${metaV1}.Patch`) } };
    case 'deleteOptions':
      return { requestBody: { content: contentOf(objectTypes, `${metaV1}.DeleteOptions`) } };
  }
}

function contentOf(types: readonly string[], name: string): JsonObject {
  return Object.fromEntries(types.map((type) => [type, { schema: ref(name) }]));
}

function responses({ answer, method }: KubeOperation, { objectModel, listModel }: OperationNames): JsonObject {
  const models = {
    object: objectModel,
    list: listModel,
    status: `${metaV1}.Status`,
    scale: scaleModel,
  };
  const content = contentOf(objectTypes, models[answer]);
  return {
    200: { description: 'OK', content },
    ...(method === 'post' ? { 201: { description: 'Created', content } } : {}),
    401: { description: 'Unauthorized' },
  };
}
