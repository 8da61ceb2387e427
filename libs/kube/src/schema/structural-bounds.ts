import type { Json, JsonObject } from '../json.ts';
import type { StatusCause } from '../status-failure.ts';
import { forbidden, invalidType } from './field-error.ts';
import { fieldOf } from './field-path.ts';
import { isGoInteger, isNumeric } from './go-text.ts';
import { isJsonList, isJsonObject } from './json-shape.ts';

/** A level of schema is two of JSON (`properties`, the name), so real schemas stay far below. */
const depthMax = 200;
const valuesMax = 100_000;
/** Of all patterns together: compiling them takes time in proportion. */
const patternCharsMax = 100_000;

/** Refuses schemas that would exhaust whoever walks them. Walks without recursion itself. */
export function boundsCauses(schema: JsonObject, at: string): readonly StatusCause[] {
  const waiting: { readonly value: Json; readonly depth: number }[] = [{ value: schema, depth: 1 }];
  let seen = 0;
  let patternChars = 0;
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { value, depth } = next;
    seen++;
    if (depth > depthMax) return [forbidden(at, `must not be nested deeper than ${depthMax} levels`)];
    if (seen + waiting.length > valuesMax) return [forbidden(at, `must not have more than ${valuesMax} values`)];
    if (typeof value !== 'object' || value === null) continue;
    const { pattern } = value as JsonObject;
    if (typeof pattern === 'string') patternChars += pattern.length;
    if (patternChars > patternCharsMax)
      return [forbidden(at, `must not have patterns of more than ${patternCharsMax} characters together`)];
    for (const inner of Object.values(value)) if (inner !== undefined) waiting.push({ value: inner, depth: depth + 1 });
  }
  return [];
}

type Shape = { readonly text: string; readonly fits: (value: Json) => boolean };

const text: Shape = { text: 'must be a string', fits: (value) => typeof value === 'string' };
const flag: Shape = { text: 'must be a boolean', fits: (value) => typeof value === 'boolean' };
const number: Shape = { text: 'must be a number', fits: isNumeric };
const count: Shape = { text: 'must be an integer', fits: (value) => isNumeric(value) && isGoInteger(value) };
const texts: Shape = { text: 'must be a list of strings', fits: (value) => isJsonList(value) && value.every(text.fits) };
const list: Shape = { text: 'must be a list', fits: isJsonList };
const schema: Shape = { text: 'must be an object', fits: isJsonObject };
const schemas: Shape = { text: 'must be a list of objects', fits: (value) => isJsonList(value) && value.every(isJsonObject) };
const schemaMap: Shape = {
  text: 'must be an object of objects',
  fits: (value) => isJsonObject(value) && Object.values(value).every(isJsonObject),
};
const schemaOrFlag: Shape = { text: 'must be an object or a boolean', fits: (value) => isJsonObject(value) || flag.fits(value) };

const shapes: ReadonlyMap<string, Shape> = new Map([
  ...['type', 'format', 'title', 'description', 'pattern', 'x-kubernetes-list-type', 'x-kubernetes-map-type'].map(
    (name) => [name, text] as const,
  ),
  ...['nullable', 'exclusiveMinimum', 'exclusiveMaximum', 'uniqueItems'].map((name) => [name, flag] as const),
  ...['x-kubernetes-preserve-unknown-fields', 'x-kubernetes-embedded-resource', 'x-kubernetes-int-or-string'].map(
    (name) => [name, flag] as const,
  ),
  ...['minimum', 'maximum', 'multipleOf'].map((name) => [name, number] as const),
  ...['minLength', 'maxLength', 'minItems', 'maxItems', 'minProperties', 'maxProperties'].map((name) => [name, count] as const),
  ...['required', 'x-kubernetes-list-map-keys'].map((name) => [name, texts] as const),
  ...['allOf', 'anyOf', 'oneOf', 'x-kubernetes-validations'].map((name) => [name, schemas] as const),
  ['enum', list],
  ['not', schema],
  ['properties', schemaMap],
  ['additionalProperties', schemaOrFlag],
]);

/** Fields of the schema language that are not what they must be, here and below. `items` as a list is refused elsewhere. */
export function shapeCauses(at: string, node: JsonObject): readonly StatusCause[] {
  const own = Object.entries(node).flatMap(([name, value]) => {
    const shape = shapes.get(name);
    if (shape === undefined || value === undefined || value === null || shape.fits(value)) return [];
    return [invalidType(fieldOf(at, name), kindText(value), shape.text)];
  });
  return own.length > 0 ? own : subschemas(node).flatMap(({ path, schema: below }) => shapeCauses(`${at}${path}`, below));
}

function kindText(value: Json): string {
  return isJsonList(value) ? 'array' : isNumeric(value) ? 'number' : typeof value;
}

export type Subschema = { readonly path: string; readonly schema: JsonObject };

/** Every schema directly inside a well-shaped one, with its path: `.items`, `.properties[spec]`, `.allOf[0]`. */
export function subschemas(node: JsonObject): readonly Subschema[] {
  return [
    ...['items', 'additionalProperties', 'not'].flatMap((name) => one(`.${name}`, node[name])),
    ...Object.entries(propertiesOf(node)).flatMap(([name, property]) => one(`.properties[${name}]`, property)),
    ...['allOf', 'anyOf', 'oneOf'].flatMap((name) =>
      branches(node, name).map((branch, index) => ({ path: `.${name}[${index}]`, schema: branch })),
    ),
  ];
}

function one(path: string, value: Json | undefined): readonly Subschema[] {
  return isJsonObject(value) ? [{ path, schema: value }] : [];
}

export function propertiesOf(node: JsonObject | undefined): { readonly [name: string]: JsonObject } {
  const properties = node?.['properties'];
  return isJsonObject(properties) ? (properties as { readonly [name: string]: JsonObject }) : {};
}

export function branches(node: JsonObject, name: string): readonly JsonObject[] {
  const list = node[name];
  return isJsonList(list) ? list.filter(isJsonObject) : [];
}
