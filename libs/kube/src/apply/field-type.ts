import type { Json, JsonObject } from '../json.ts';
import type { PathElement } from './path-element.ts';

/**
 * How values of a field are merged, read from its structural schema. A field of no certain type has several parts; the
 * value says which one holds. A type without any part belongs to a field that nobody declared.
 */
export type FieldType = { readonly scalar?: ScalarType; readonly list?: ListType; readonly map?: MapType };

export type ScalarType = 'numeric' | 'string' | 'boolean' | 'untyped';

export type ListType = {
  /** An atomic list is one field; the items of an associative one are fields of their own. */
  readonly atomic: boolean;
  /** The fields that tell an item, sorted. Empty: the item itself does (a set). */
  readonly keys: readonly string[];
  /** The same, in the schema's order. */
  readonly keysAsWritten: readonly string[];
  readonly element: FieldType;
};

export type MapType = {
  readonly atomic: boolean;
  readonly fields: ReadonlyMap<string, StructField>;
  /** The type of all other fields. Undefined: there may be none. */
  readonly element: FieldType | undefined;
};

export type StructField = {
  readonly type: FieldType;
  readonly defaultValue: Json | undefined;
  /** The field's path element, made once. */
  readonly element: PathElement;
};

export type Part = 'map' | 'scalar' | 'list';

/** Which part of the type holds for a value. */
export function partOf(type: FieldType, value: Json | undefined): Part | undefined {
  if (value !== undefined && value !== null) {
    if (typeof value !== 'object') {
      if (type.scalar !== undefined) return 'scalar';
    } else if (Array.isArray(value)) {
      if (type.list !== undefined) return 'list';
    } else if (type.map !== undefined) return 'map';
  }
  if (type.map !== undefined) return 'map';
  if (type.scalar !== undefined) return 'scalar';
  return type.list === undefined ? undefined : 'list';
}

/** The type of a field of a map. Undefined: not declared. */
export function fieldTypeIn(map: MapType, name: string): FieldType | undefined {
  return map.fields.get(name)?.type ?? map.element;
}

export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

export function isMap(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
