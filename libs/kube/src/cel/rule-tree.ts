import type { JsonObject } from '../json.ts';
import { isJsonObject } from '../schema/json-shape.ts';
import { propertiesOf } from '../schema/structural-bounds.ts';
import { readRules, type Rule } from './rule.ts';
import { isEmbedded, schemaType, type SchemaType } from './schema-type.ts';

/** The places of a schema that have rules, or rules below them. */
export type RuleTree = {
  /** Undefined where rules see nothing; there are none then. */
  readonly type: SchemaType | undefined;
  readonly typeName: string;
  readonly rules: readonly Rule[];
  readonly properties: ReadonlyMap<string, RuleTree>;
  readonly additional: RuleTree | undefined;
  readonly items: RuleTree | undefined;
  /** Of a list map: the keys by which items find what they were before. */
  readonly listKeys: readonly string[] | undefined;
};

/** Compiles every rule of a schema. Undefined: it has none. */
export function compileRules(schema: JsonObject): RuleTree | undefined {
  return hasRules(schema) ? treeOf(schema, schemaType(schema, true)) : undefined;
}

function treeOf(schema: JsonObject, type: SchemaType | undefined): RuleTree {
  const { items, additionalProperties } = schema;
  const below = (inner: JsonObject): RuleTree => treeOf(inner, schemaType(inner, isEmbedded(inner)));
  return {
    type,
    typeName: typeof schema['type'] === 'string' ? schema['type'] : '',
    rules: type ? readRules(schema, type) : [],
    properties: new Map(
      Object.entries(propertiesOf(schema))
        .filter(([, property]) => hasRules(property))
        .map(([name, property]) => [name, below(property)]),
    ),
    additional: isJsonObject(additionalProperties) && hasRules(additionalProperties) ? below(additionalProperties) : undefined,
    items: isJsonObject(items) && hasRules(items) ? below(items) : undefined,
    listKeys: listKeysOf(schema),
  };
}

function listKeysOf(schema: JsonObject): readonly string[] | undefined {
  const keys = schema['x-kubernetes-list-map-keys'];
  return schema['x-kubernetes-list-type'] === 'map' && Array.isArray(keys) ? keys.map(String) : undefined;
}

function hasRules(schema: JsonObject): boolean {
  const { items, additionalProperties, 'x-kubernetes-validations': rules } = schema;
  if (Array.isArray(rules) && rules.length > 0) return true;
  if (isJsonObject(items) && hasRules(items)) return true;
  if (isJsonObject(additionalProperties) && hasRules(additionalProperties)) return true;
  return Object.values(propertiesOf(schema)).some(hasRules);
}
