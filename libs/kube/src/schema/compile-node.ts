import { RE2JS } from 're2js';
import type { Json, JsonObject } from '../json.ts';
import { defaultValue } from './default-value.ts';
import { formatOf } from './formats.ts';
import { isNumeric } from './go-text.ts';
import { isJsonList, isJsonObject } from './json-shape.ts';
import {
  kindBits,
  type EnumRule,
  type Junctors,
  type KindName,
  type ListRule,
  type NumberRule,
  type SchemaNode,
  type SizeRule,
  type TextRule,
} from './schema-node.ts';

/** Reads one schema and all below it. What is not understood is ignored: structural validation has refused it before. */
export function compileNode(schema: JsonObject): SchemaNode {
  return compileWithin(schema, undefined);
}

/** `counterpart` is the structural schema of the same place: a junctor's branch takes its list type from there. */
function compileWithin(schema: JsonObject, counterpart: SchemaNode | undefined): SchemaNode {
  const properties = new Map<string, SchemaNode>();
  for (const [name, property] of Object.entries(objectField(schema, 'properties') ?? {})) {
    if (isJsonObject(property)) properties.set(name, compileWithin(property, counterpart?.properties.get(name)));
  }
  const items = objectField(schema, 'items');
  const node: SchemaNode = {
    ...readTypes(schema),
    nullable: schema['nullable'] === true,
    properties,
    defaulted: readDefaulted(properties),
    additional: readAdditional(schema['additionalProperties'], counterpart),
    items: items && compileWithin(items, counterpart?.items),
    required: strings(schema['required']),
    preserveUnknown: schema['x-kubernetes-preserve-unknown-fields'] === true,
    embedded: schema['x-kubernetes-embedded-resource'] === true,
    list: counterpart ? counterpart.list : readList(schema),
    defaultValue: undefined,
    choices: readEnum(schema['enum']),
    size: readSize(schema),
    text: readText(schema),
    number: readNumber(schema),
    format: formatOf(schema['format']),
    junctors: undefined,
    has: {
      keyedLists: false,
      embedded: false,
      rules: isJsonList(schema['x-kubernetes-validations']) && schema['x-kubernetes-validations'].length > 0,
    },
  };
  return finished(node, schema, counterpart);
}

function finished(node: SchemaNode, schema: JsonObject, counterpart: SchemaNode | undefined): SchemaNode {
  const below = [
    ...node.properties.values(),
    ...(node.items ? [node.items] : []),
    ...(typeof node.additional === 'object' ? [node.additional] : []),
  ];
  const byDefault = own(schema, 'default');
  return {
    ...node,
    // The default's own gaps are filled here once, so that defaulting an object need not look inside it again.
    defaultValue: byDefault === undefined || byDefault === null ? undefined : frozen(defaultValue(byDefault, node)),
    junctors: readJunctors(schema, counterpart ?? node),
    has: {
      keyedLists: node.list !== undefined || below.some(({ has }) => has.keyedLists),
      embedded: node.embedded || below.some(({ has }) => has.embedded),
      rules: node.has.rules || below.some(({ has }) => has.rules),
    },
  };
}

function readTypes(schema: JsonObject): { readonly kinds: number; readonly typeText: string } {
  if (schema['x-kubernetes-int-or-string'] === true) return { kinds: kindBits.integer | kindBits.string, typeText: 'integer,string' };
  const type = schema['type'];
  if (typeof type !== 'string' || type === '') return { kinds: 0, typeText: '' };
  const bits = Object.hasOwn(kindBits, type) ? kindBits[type as KindName] : 0;
  return { kinds: type === 'number' ? bits | kindBits.integer : bits, typeText: type };
}

function readAdditional(additional: Json | undefined, counterpart: SchemaNode | undefined): SchemaNode | boolean | undefined {
  if (typeof additional === 'boolean') return additional;
  if (!isJsonObject(additional)) return undefined;
  const beside = counterpart?.additional;
  return compileWithin(additional, typeof beside === 'object' ? beside : undefined);
}

function readDefaulted(properties: ReadonlyMap<string, SchemaNode>): readonly (readonly [string, Json])[] {
  return [...properties].flatMap(([name, { defaultValue: value }]) => (value === undefined ? [] : [[name, value] as const]));
}

function readList(schema: JsonObject): ListRule | undefined {
  const type = schema['x-kubernetes-list-type'];
  if (type === 'set') return { type: 'set' };
  if (type === 'map') return { type: 'map', keys: strings(schema['x-kubernetes-list-map-keys']) };
  return undefined;
}

function readEnum(values: Json | undefined): EnumRule | undefined {
  if (!isJsonList(values) || values.length === 0) return undefined;
  return {
    scalars: new Set(values.filter((value) => value !== null && typeof value !== 'object')),
    values,
    texts: values.map((value) => (typeof value === 'string' ? value : JSON.stringify(value))),
  };
}

function readSize(schema: JsonObject): SizeRule | undefined {
  const rule = {
    minItems: numberField(schema, 'minItems'),
    maxItems: numberField(schema, 'maxItems'),
    minProperties: numberField(schema, 'minProperties'),
    maxProperties: numberField(schema, 'maxProperties'),
  };
  return Object.values(rule).some((bound) => bound !== undefined) ? rule : undefined;
}

function readText(schema: JsonObject): TextRule | undefined {
  const source = schema['pattern'];
  const rule = {
    minLength: numberField(schema, 'minLength'),
    maxLength: numberField(schema, 'maxLength'),
    pattern: typeof source === 'string' && source !== '' ? { source, compiled: compilePattern(source) } : undefined,
  };
  return Object.values(rule).some((bound) => bound !== undefined) ? rule : undefined;
}

/** Undefined where the text is no RE2 expression; nothing matches it then, as upstream has it. */
function compilePattern(source: string): RE2JS | undefined {
  try {
    return RE2JS.compile(source);
  } catch {
    return undefined;
  }
}

function readNumber(schema: JsonObject): NumberRule | undefined {
  const minimum = numberField(schema, 'minimum');
  const maximum = numberField(schema, 'maximum');
  const multipleOf = numberField(schema, 'multipleOf');
  if (minimum === undefined && maximum === undefined && multipleOf === undefined) return undefined;
  const exclusiveMinimum = schema['exclusiveMinimum'] === true;
  return { minimum, maximum, multipleOf, exclusiveMinimum, exclusiveMaximum: schema['exclusiveMaximum'] === true };
}

function readJunctors(schema: JsonObject, structural: SchemaNode): Junctors | undefined {
  const branches = (name: string): readonly SchemaNode[] => {
    const list = schema[name];
    return isJsonList(list) ? list.filter(isJsonObject).map((branch) => compileWithin(branch, structural)) : [];
  };
  const not = objectField(schema, 'not');
  const junctors = {
    allOf: branches('allOf'),
    anyOf: branches('anyOf'),
    oneOf: branches('oneOf'),
    not: not && compileWithin(not, structural),
  };
  const { allOf, anyOf, oneOf } = junctors;
  return junctors.not || allOf.length + anyOf.length + oneOf.length > 0 ? junctors : undefined;
}

function own(schema: JsonObject, name: string): Json | undefined {
  return Object.hasOwn(schema, name) ? schema[name] : undefined;
}

function objectField(schema: JsonObject, name: string): JsonObject | undefined {
  const value = own(schema, name);
  return isJsonObject(value) ? value : undefined;
}

function numberField(schema: JsonObject, name: string): number | undefined {
  const value = own(schema, name);
  // Limits are doubles upstream too; those of sizes are int64, which nothing here can reach.
  return isNumeric(value) ? Number(value) : undefined;
}

function strings(value: Json | undefined): readonly string[] {
  return isJsonList(value) ? value.filter((item) => typeof item === 'string') : [];
}

/** Defaults are shared by every object that needs them; a write into one would change all. */
function frozen(value: Json): Json {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const inner of Object.values(value)) if (inner !== undefined) frozen(inner);
  return Object.freeze(value);
}
