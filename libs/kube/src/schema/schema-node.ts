import type { RE2JS } from 're2js';
import type { Json } from '../json.ts';
import type { Format } from './formats.ts';

/** JSON's kinds as bits, so that "is this value of one of the allowed types" is one AND. */
export const kindBits = { null: 1, boolean: 2, string: 4, integer: 8, number: 16, array: 32, object: 64 } as const;
export type KindName = keyof typeof kindBits;

/** One schema of the tree, read from JSON once. Maps, not objects, hold what clients name: `constructor` is no field. */
export type SchemaNode = {
  readonly kinds: number;
  /** `integer,string`: how messages call the allowed types. Empty: any. */
  readonly typeText: string;
  readonly nullable: boolean;
  readonly properties: ReadonlyMap<string, SchemaNode>;
  /** Properties that have a default, in the schema's order. */
  readonly defaulted: readonly (readonly [string, Json])[];
  /** Absent: other fields are unknown. `true`/`false`: of any shape (their inside is unknown), or refused. */
  readonly additional: SchemaNode | boolean | undefined;
  readonly items: SchemaNode | undefined;
  readonly required: readonly string[];
  readonly preserveUnknown: boolean;
  readonly embedded: boolean;
  readonly list: ListRule | undefined;
  /** Frozen, and complete: the defaults inside the default are filled in. */
  readonly defaultValue: Json | undefined;
  readonly choices: EnumRule | undefined;
  readonly size: SizeRule | undefined;
  readonly text: TextRule | undefined;
  readonly number: NumberRule | undefined;
  readonly format: Format | undefined;
  readonly junctors: Junctors | undefined;
  /** What is found here or below: lets whole passes skip whole subtrees. */
  readonly has: { readonly keyedLists: boolean; readonly embedded: boolean; readonly rules: boolean };
};

export type ListRule = { readonly type: 'set' } | { readonly type: 'map'; readonly keys: readonly string[] };

export type EnumRule = { readonly scalars: ReadonlySet<Json>; readonly values: readonly Json[]; readonly texts: readonly string[] };

/** Bounds of lists (items) and objects (properties). */
export type SizeRule = {
  readonly minItems: number | undefined;
  readonly maxItems: number | undefined;
  readonly minProperties: number | undefined;
  readonly maxProperties: number | undefined;
};

export type TextRule = {
  /** In code points. */
  readonly minLength: number | undefined;
  readonly maxLength: number | undefined;
  readonly pattern: { readonly source: string; readonly compiled: RE2JS | undefined } | undefined;
};

export type NumberRule = {
  readonly minimum: number | undefined;
  readonly maximum: number | undefined;
  readonly exclusiveMinimum: boolean;
  readonly exclusiveMaximum: boolean;
  readonly multipleOf: number | undefined;
};

export type Junctors = {
  readonly allOf: readonly SchemaNode[];
  readonly anyOf: readonly SchemaNode[];
  readonly oneOf: readonly SchemaNode[];
  readonly not: SchemaNode | undefined;
};

export function childNode(node: SchemaNode | undefined, key: string): SchemaNode | undefined {
  if (node === undefined) return undefined;
  const property = node.properties.get(key);
  if (property !== undefined) return property;
  return typeof node.additional === 'object' ? node.additional : undefined;
}
