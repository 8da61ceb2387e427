import { RE2JS } from 're2js';
import type { Json, JsonObject } from '../json.ts';
import type { StatusCause } from '../status-failure.ts';
import { forbidden, invalidValue, requiredValue } from './field-error.ts';
import { isJsonObject } from './json-shape.ts';
import { branches, propertiesOf } from './structural-bounds.ts';

/** Where a schema stands: the messages differ. */
type Level = 'root' | 'item' | 'field';

const emptyType: Readonly<Record<Level, string>> = {
  root: 'must not be empty at the root',
  item: 'must not be empty for specified array items',
  field: 'must not be empty for specified object fields',
};

/** What makes a schema structural. Source: apiextensions pkg/apiserver/schema/validation.go. */
export function invariantCauses(schema: JsonObject, level: Level, at: string): readonly StatusCause[] {
  const { items, additionalProperties } = schema;
  return [
    ...(schema['type'] === 'array' && !isJsonObject(items) ? [requiredValue(`${at}.items`, 'must be specified')] : []),
    ...(isJsonObject(items) ? invariantCauses(items, 'item', `${at}.items`) : []),
    ...Object.entries(propertiesOf(schema)).flatMap(([name, property]) => invariantCauses(property, 'field', `${at}.properties[${name}]`)),
    ...(additionalProperties !== undefined && level === 'root'
      ? [forbidden(`${at}.additionalProperties`, 'must not be used at the root')]
      : []),
    ...(isJsonObject(additionalProperties) ? invariantCauses(additionalProperties, 'field', `${at}.additionalProperties`) : []),
    ...extensionCauses(schema, at),
    ...junctorCauses(schema, at, intOrStringPattern(schema)),
    ...typeCauses(schema, level, at),
    ...metaFieldCauses(schema, level, at),
  ];
}

function extensionCauses(schema: JsonObject, at: string): readonly StatusCause[] {
  if (!isSet(schema, 'int-or-string')) return [];
  return (['preserve-unknown-fields', 'embedded-resource'] as const)
    .filter((name) => isSet(schema, name))
    .map((name) => invalidValue(`${at}.x-kubernetes-${name}`, true, 'must be false if x-kubernetes-int-or-string is true'));
}

function isSet(schema: JsonObject, name: string): boolean {
  return schema[`x-kubernetes-${name}`] === true;
}

function typeCauses(schema: JsonObject, level: Level, at: string): readonly StatusCause[] {
  const type = typeOf(schema);
  const field = `${at}.type`;
  const embedded = isSet(schema, 'embedded-resource');
  const causes: StatusCause[] = [];
  if (embedded && type !== 'object') {
    const detail = 'must be object if x-kubernetes-embedded-resource is true';
    causes.push(type === '' ? requiredValue(field, detail) : invalidValue(field, type, detail));
  } else if (type === '' && !isSet(schema, 'int-or-string') && !isSet(schema, 'preserve-unknown-fields')) {
    causes.push(requiredValue(field, emptyType[level]));
  }
  if (embedded && schema['additionalProperties'] !== undefined) {
    causes.push(forbidden(`${at}.additionalProperties`, 'must not be used if x-kubernetes-embedded-resource is set'));
  }
  if (level === 'root' && type !== '' && type !== 'object') causes.push(invalidValue(field, type, 'must be object at the root'));
  if (embedded && !isSet(schema, 'preserve-unknown-fields') && Object.keys(propertiesOf(schema)).length === 0) {
    const detail = 'must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields';
    causes.push(requiredValue(`${at}.properties`, detail));
  }
  return causes;
}

function typeOf(schema: JsonObject | undefined): string {
  const type = schema?.['type'];
  return typeof type === 'string' ? type : '';
}

function metaFieldCauses(schema: JsonObject, level: Level, at: string): readonly StatusCause[] {
  const properties = propertiesOf(schema);
  const metadata = Object.hasOwn(properties, 'metadata') ? properties['metadata'] : undefined;
  const isResource = level === 'root' || isSet(schema, 'embedded-resource');
  const causes: StatusCause[] = [];
  for (const name of isResource ? ['kind', 'apiVersion'] : []) {
    if (!Object.hasOwn(properties, name) || typeOf(properties[name]) === 'string') continue;
    causes.push(invalidValue(`${at}.properties[${name}].type`, typeOf(properties[name]), 'must be string'));
  }
  if (metadata === undefined) return causes;
  const field = `${at}.properties[metadata]`;
  if (isResource && typeOf(metadata) !== 'object') causes.push(invalidValue(`${field}.type`, typeOf(metadata), 'must be object'));
  if (level === 'root' && !restrictsNamesOnly(metadata)) {
    causes.push(forbidden(field, 'must not specify anything other than name and generateName, but metadata is implicitly specified'));
  }
  return causes;
}

function restrictsNamesOnly(metadata: JsonObject): boolean {
  const ignored = new Set(['type', 'properties', 'default', 'example', 'externalDocs']);
  const others = Object.entries(metadata).filter(([name, value]) => !ignored.has(name) && !isZero(value));
  return others.length === 0 && Object.keys(propertiesOf(metadata)).every((name) => name === 'name' || name === 'generateName');
}

/** What the schema language's decoder cannot tell from "not set". */
function isZero(value: Json | undefined): boolean {
  if (typeof value === 'object' && value !== null) return Array.isArray(value) && value.length === 0;
  return value === undefined || value === null || value === false || value === '';
}

/** Types may be named in a junctor only by the two customary spellings of int-or-string. */
type Excepted = 'anyOf' | 'allOf[0].anyOf' | 'none';

function intOrStringPattern(schema: JsonObject): Excepted {
  if (isIntOrString(branches(schema, 'anyOf'))) return 'anyOf';
  const [first] = branches(schema, 'allOf');
  return first && isIntOrString(branches(first, 'anyOf')) ? 'allOf[0].anyOf' : 'none';
}

function isIntOrString(alternatives: readonly JsonObject[]): boolean {
  const types = alternatives.map((branch) => (Object.keys(branch).length === 1 ? branch['type'] : undefined));
  return types.length === 2 && types[0] === 'integer' && types[1] === 'string';
}

function junctorCauses(schema: JsonObject, at: string, excepted: Excepted): readonly StatusCause[] {
  const { not, pattern } = schema;
  const anyOf = excepted === 'anyOf' ? [] : branches(schema, 'anyOf');
  return [
    ...anyOf.flatMap((branch, index) => nestedCauses(branch, `${at}.anyOf[${index}]`, 'none')),
    ...branches(schema, 'allOf').flatMap((branch, index) => {
      const inner = excepted === 'allOf[0].anyOf' && index === 0 ? 'anyOf' : 'none';
      return nestedCauses(branch, `${at}.allOf[${index}]`, inner);
    }),
    ...branches(schema, 'oneOf').flatMap((branch, index) => nestedCauses(branch, `${at}.oneOf[${index}]`, 'none')),
    ...(isJsonObject(not) ? nestedCauses(not, `${at}.not`, 'none') : []),
    ...(typeof pattern === 'string' && pattern !== '' ? patternCauses(pattern, `${at}.pattern`) : []),
  ];
}

function patternCauses(pattern: string, field: string): readonly StatusCause[] {
  try {
    RE2JS.compile(pattern);
    return [];
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return [invalidValue(field, pattern, `must be a valid regular expression, but isn't: ${why}`)];
  }
}

const forbiddenInJunctors: readonly (readonly [field: string, detail: string])[] = [
  ['type', 'must be empty to be structural'],
  ['additionalProperties', 'must be undefined to be structural'],
  ['default', 'must be undefined to be structural'],
  ['title', 'must be empty to be structural'],
  ['description', 'must be empty to be structural'],
  ['nullable', 'must be false to be structural'],
  ['x-kubernetes-preserve-unknown-fields', 'must be false to be structural'],
  ['x-kubernetes-embedded-resource', 'must be false to be structural'],
  ['x-kubernetes-int-or-string', 'must be false to be structural'],
  ['x-kubernetes-list-map-keys', 'must be empty to be structural'],
  ['x-kubernetes-list-type', 'must be undefined to be structural'],
  ['x-kubernetes-map-type', 'must be undefined to be structural'],
  ['x-kubernetes-validations', 'must be empty to be structural'],
];

/** A junctor's branch only restricts values; it gives nothing its shape. */
function nestedCauses(schema: JsonObject, at: string, excepted: Excepted): readonly StatusCause[] {
  const { items } = schema;
  const properties = propertiesOf(schema);
  return [
    ...junctorCauses(schema, at, excepted),
    ...(isJsonObject(items) ? nestedCauses(items, `${at}.items`, 'none') : []),
    ...Object.entries(properties).flatMap(([name, property]) => nestedCauses(property, `${at}.properties[${name}]`, 'none')),
    ...forbiddenInJunctors.filter(([name]) => !isZero(schema[name])).map(([name, detail]) => forbidden(`${at}.${name}`, detail)),
    ...(Object.hasOwn(properties, 'metadata')
      ? [forbidden(`${at}.properties[metadata]`, 'must not be specified in a nested context')]
      : []),
  ];
}

/** What the root's junctors restrict must be specified outside of them. */
export function completenessCauses(schema: JsonObject, at: string): readonly StatusCause[] {
  return junctorCompleteness(schema, schema, at, at);
}

function junctorCompleteness(value: JsonObject, structure: JsonObject, at: string, valueAt: string): readonly StatusCause[] {
  const { not } = value;
  return [
    ...(isJsonObject(not) ? nestedCompleteness(not, structure, at, `${valueAt}.not`) : []),
    ...['allOf', 'anyOf', 'oneOf'].flatMap((name) =>
      branches(value, name).flatMap((branch, index) => nestedCompleteness(branch, structure, at, `${valueAt}.${name}[${index}]`)),
    ),
  ];
}

function nestedCompleteness(value: JsonObject, structure: Json | undefined, at: string, valueAt: string): readonly StatusCause[] {
  if (!isJsonObject(structure)) return [requiredValue(at, `because it is defined in ${valueAt}`)];
  const known = propertiesOf(structure);
  const { items } = value;
  return [
    ...junctorCompleteness(value, structure, at, valueAt),
    ...(isJsonObject(items) ? nestedCompleteness(items, structure['items'], `${at}.items`, `${valueAt}.items`) : []),
    ...Object.entries(propertiesOf(value)).flatMap(([name, property]) => {
      const below = `.properties[${name}]`;
      return nestedCompleteness(property, Object.hasOwn(known, name) ? known[name] : undefined, `${at}${below}`, `${valueAt}${below}`);
    }),
  ];
}
