import protobuf from 'protobufjs/minimal.js';
import type { Json, JsonObject } from '../json.ts';
import { isNumeric } from '../schema/go-text.ts';
import { isJsonList, isJsonObject } from '../schema/json-shape.ts';
import { editionOf, type OpenApiEdition } from './edition.ts';
import { formOf, operationNamesOf } from './kind-operations.ts';
import { modelsOfV2, pathsOfV2, sharedDefinitionsV2 } from './open-api-v2.ts';
import { oncePer } from './version-cache.ts';

type Out = protobuf.Writer;
const lengthDelimited = 2;

/**
 * The Swagger 2.0 document as `openapi.v2.Document`, the form in which older kubectl and GitOps tools want it. Field numbers:
 * https://github.com/google/gnostic-models/blob/main/openapiv2/OpenAPIv2.proto
 */
export const gnosticV2: OpenApiEdition = editionOf({
  modelsOf: modelsOfV2,
  shared: sharedDefinitionsV2(),
  writePaths: (kind, version) => {
    const paths = pathsOfV2(formOf(kind, version), operationNamesOf(kind, version));
    return written((out) => named(out, 2, paths, (item) => pathItem(out, item)));
  },
  writeModel: (name, model) => written((out) => named(out, 1, { [name]: model }, (definition) => schema(out, definition))),
  frame: (paths, models) => [head, lengthOf(8, paths), ...paths, lengthOf(9, models), ...models],
});

function written(write: (out: Out) => void): Uint8Array {
  const out = protobuf.Writer.create();
  write(out);
  return out.finish();
}

const head = written((out) => {
  text(out, 1, '2.0');
  nested(out, 2, () => {
    text(out, 1, 'Tributary');
    text(out, 2, 'v1');
  });
});

/** What stands before a message that is written piece by piece. */
function lengthOf(field: number, pieces: readonly Uint8Array[]): Uint8Array {
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  return written((out) => out.uint32((field << 3) | lengthDelimited).uint32(length));
}

function nested(out: Out, field: number, write: () => void): void {
  out.uint32((field << 3) | lengthDelimited).fork();
  write();
  out.ldelim();
}

/** What is empty is not written: so proto3 has it. */
function text(out: Out, field: number, value: Json | undefined): void {
  if (typeof value === 'string' && value !== '') out.uint32((field << 3) | lengthDelimited).string(value);
}

function texts(out: Out, field: number, values: Json | undefined): void {
  for (const value of listOf(values)) if (typeof value === 'string') out.uint32((field << 3) | lengthDelimited).string(value);
}

function flag(out: Out, field: number, value: Json | undefined): void {
  if (value === true) out.uint32(field << 3).bool(true);
}

function count(out: Out, field: number, value: Json | undefined): void {
  // As text, since the library takes it so exactly.
  if (isNumeric(value) && value !== 0) out.uint32(field << 3).int64(String(value));
}

const fixed64 = 1;

function double(out: Out, field: number, value: Json | undefined): void {
  if (isNumeric(value) && value !== 0) out.uint32((field << 3) | fixed64).double(Number(value));
}

/** A map is a list of names and values. */
function named(out: Out, field: number, map: Json | undefined, write: (value: JsonObject) => void): void {
  for (const [name, value] of Object.entries(objectOf(map)))
    nested(out, field, () => {
      text(out, 1, name);
      nested(out, 2, () => write(objectOf(value)));
    });
}

/** Any JSON is YAML, too. */
function anything(out: Out, field: number, value: Json | undefined): void {
  if (value !== undefined) nested(out, field, () => text(out, 2, JSON.stringify(value)));
}

function extensions(out: Out, field: number, object: JsonObject): void {
  for (const [name, value] of Object.entries(object)) {
    if (!name.startsWith('x-') || value === undefined) continue;
    nested(out, field, () => {
      text(out, 1, name);
      anything(out, 2, value);
    });
  }
}

const methodFields = { get: 2, put: 3, post: 4, delete: 5, patch: 8 } as const;

function pathItem(out: Out, item: JsonObject): void {
  for (const [method, field] of Object.entries(methodFields)) {
    const found = item[method];
    if (isJsonObject(found)) nested(out, field, () => operation(out, found));
  }
  parameters(out, 9, item['parameters']);
}

function operation(out: Out, object: JsonObject): void {
  texts(out, 1, object['tags']);
  text(out, 3, object['description']);
  text(out, 5, object['operationId']);
  texts(out, 6, object['produces']);
  texts(out, 7, object['consumes']);
  parameters(out, 8, object['parameters']);
  nested(out, 9, () => named(out, 1, object['responses'], (response) => nested(out, 1, () => responseOf(out, response))));
  texts(out, 10, object['schemes']);
  extensions(out, 13, object);
}

function responseOf(out: Out, response: JsonObject): void {
  text(out, 1, response['description']);
  const { schema: body } = response;
  if (isJsonObject(body)) nested(out, 2, () => nested(out, 1, () => schema(out, body)));
}

function parameters(out: Out, field: number, list: Json | undefined): void {
  for (const parameter of listOf(list)) {
    if (!isJsonObject(parameter)) continue;
    if (parameter['in'] === 'body') nested(out, field, () => nested(out, 1, () => nested(out, 1, () => bodyParameter(out, parameter))));
    else out.uint32((field << 3) | lengthDelimited).bytes(writtenParameter(parameter));
  }
}

/** All kinds' operations share theirs, and they are most of what is to be written. */
const writtenParameter = oncePer((parameter: JsonObject) => written((out) => nested(out, 1, () => nonBodyParameter(out, parameter))));

function bodyParameter(out: Out, parameter: JsonObject): void {
  text(out, 1, parameter['description']);
  text(out, 2, parameter['name']);
  text(out, 3, parameter['in']);
  flag(out, 4, parameter['required']);
  nested(out, 5, () => schema(out, objectOf(parameter['schema'])));
}

/** The messages of parameters in query and path differ by one field, which the numbers after it make room for. */
function nonBodyParameter(out: Out, parameter: JsonObject): void {
  const isPath = parameter['in'] === 'path';
  const shift = isPath ? 0 : 1;
  nested(out, 2, () =>
    nested(out, isPath ? 4 : 3, () => {
      flag(out, 1, parameter['required']);
      text(out, 2, parameter['in']);
      text(out, 3, parameter['description']);
      text(out, 4, parameter['name']);
      text(out, 5 + shift, parameter['type']);
      text(out, 6 + shift, parameter['format']);
      flag(out, 19 + shift, parameter['uniqueItems']);
    }),
  );
}

function schema(out: Out, object: JsonObject): void {
  text(out, 1, object['$ref']);
  text(out, 2, object['format']);
  text(out, 3, object['title']);
  text(out, 4, object['description']);
  anything(out, 5, object['default']);
  bounds(out, object);
  texts(out, 19, object['required']);
  for (const choice of listOf(object['enum'])) anything(out, 20, choice);
  const { additionalProperties, type, items, properties } = object;
  if (isJsonObject(additionalProperties)) nested(out, 21, () => nested(out, 1, () => schema(out, additionalProperties)));
  else if (additionalProperties === true) nested(out, 21, () => flag(out, 2, true));
  if (typeof type === 'string') nested(out, 22, () => text(out, 1, type));
  if (isJsonObject(items)) nested(out, 23, () => nested(out, 1, () => schema(out, items)));
  if (isJsonObject(properties)) nested(out, 25, () => named(out, 1, properties, (property) => schema(out, property)));
  anything(out, 30, object['example']);
  extensions(out, 31, object);
}

function bounds(out: Out, object: JsonObject): void {
  double(out, 6, object['multipleOf']);
  double(out, 7, object['maximum']);
  flag(out, 8, object['exclusiveMaximum']);
  double(out, 9, object['minimum']);
  flag(out, 10, object['exclusiveMinimum']);
  count(out, 11, object['maxLength']);
  count(out, 12, object['minLength']);
  text(out, 13, object['pattern']);
  count(out, 14, object['maxItems']);
  count(out, 15, object['minItems']);
  flag(out, 16, object['uniqueItems']);
  count(out, 17, object['maxProperties']);
  count(out, 18, object['minProperties']);
}

const objectOf = (value: Json | undefined): JsonObject => (isJsonObject(value) ? value : {});
const listOf = (value: Json | undefined): readonly Json[] => (isJsonList(value) ? value : []);
