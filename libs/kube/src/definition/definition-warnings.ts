import { goQuote } from '../schema/go-text.ts';
import type { JsonObject } from '../json.ts';
import type { KubeObject } from '../kube-object.ts';
import { formatOf } from '../schema/formats.ts';
import { isJsonObject } from '../schema/json-shape.ts';
import { subschemas } from '../schema/structural-bounds.ts';
import { specOfDefinition } from './definition.ts';

/**
 * What is taken, but does not do what its author may think. Nothing is said again of what was there before. Source: apiextensions
 * pkg/registry/customresourcedefinition/strategy.go.
 */
export function definitionWarnings(definition: KubeObject, old?: KubeObject): readonly string[] {
  const said = new Set(old ? warningsOf(old) : []);
  return warningsOf(definition).filter((warning) => !said.has(warning));
}

function warningsOf(definition: KubeObject): readonly string[] {
  const schemas = specOfDefinition(definition).versions.flatMap(({ schema }) => {
    const root = schema?.openAPIV3Schema;
    return isJsonObject(root) ? allWithin(root) : [];
  });
  const formats = schemas.flatMap(({ format, type }) =>
    typeof format !== 'string' || format === '' || isRecognized(format, type) ? [] : [`unrecognized format ${goQuote(format)}`],
  );
  return [...formats, ...new Set(schemas.flatMap(setWarning))];
}

function isRecognized(format: string, type: unknown): boolean {
  if (type === undefined || type === '' || type === 'string') return formatOf(format) !== undefined;
  if (type === 'integer') return format === 'int32' || format === 'int64';
  return type === 'number' && (format === 'float' || format === 'double');
}

function setWarning(schema: JsonObject): readonly string[] {
  const { items } = schema;
  if (schema['x-kubernetes-list-type'] !== 'set' || !isJsonObject(items)) return [];
  const { type } = items;
  if (type !== 'object' && type !== 'array') return [];
  return [`x-kubernetes-list-type: set for items of type ${goQuote(type)} is not supported by server-side apply or CEL validation rules`];
}

const allWithin = (schema: JsonObject): readonly JsonObject[] => [
  schema,
  ...subschemas(schema).flatMap(({ schema: below }) => allWithin(below)),
];
