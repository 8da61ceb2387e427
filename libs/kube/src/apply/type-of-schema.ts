import type { Json, JsonObject } from '../json.ts';
import { objectMetaSchema } from '../metadata/object-meta-schema.ts';
import type { CompiledSchema } from '../schema/compiled-schema.ts';
import { isMap, type FieldType, type ListType, type MapType, type ScalarType, type StructField } from './field-type.ts';
import { fieldElement } from './path-element.ts';

const types = new WeakMap<CompiledSchema, FieldType>();

/** The type of a kind's objects: its schema's, with apiVersion, kind and ObjectMeta. Made once per schema. */
export function fieldTypeOf(schema: CompiledSchema): FieldType {
  const compiled = schema.now?.() ?? schema;
  let type = types.get(compiled);
  if (type === undefined) types.set(compiled, (type = objectTypeOf(compiled.source)));
  return type;
}

/** The same, of an openAPIV3Schema. */
export function objectTypeOf(source: JsonObject): FieldType {
  return typeOf({ ...source, 'x-kubernetes-embedded-resource': true }, false);
}

function typeOf(schema: JsonObject, preservedAbove: boolean): FieldType {
  const preserves = preservedAbove || schema['x-kubernetes-preserve-unknown-fields'] === true;
  const { type } = schema;
  if (type === 'object') return { map: mapOf(schema, preserves) };
  if (type === 'array') return { list: listOf(schema, preserves) };
  if (type === 'integer' || type === 'number' || type === 'string' || type === 'boolean') return { scalar: scalarOf(schema) };
  return { scalar: 'untyped', list: listOf(schema, preserves), map: mapOf(schema, preserves) };
}

function scalarOf({ type, format = '' }: JsonObject): ScalarType {
  if (type === 'boolean') return 'boolean';
  if (type !== 'string') return 'numeric';
  return format === '' || format === 'byte' ? 'string' : 'untyped';
}

function mapOf(schema: JsonObject, preserves: boolean): MapType {
  const { properties, additionalProperties: additional } = schema;
  const fields = new Map<string, StructField>();
  for (const [name, property] of Object.entries(isMap(properties) ? properties : {}))
    if (isMap(property))
      fields.set(name, { type: typeOf(property, preserves), defaultValue: property['default'], element: fieldElement(name) });
  const declared = fields.size > 0;
  if (schema['x-kubernetes-embedded-resource'] === true) for (const [name, field] of resourceFields) fields.set(name, field);
  return {
    atomic: schema['x-kubernetes-map-type'] === 'atomic',
    fields,
    element: elementOf(additional, preserves || !declared, preserves),
  };
}

function elementOf(additional: Json | undefined, isFree: boolean, preserves: boolean): FieldType | undefined {
  if (isMap(additional)) return typeOf(additional, preserves);
  if (additional === undefined) return isFree ? deduced : undefined;
  return additional === true ? deduced : undefined;
}

function listOf(schema: JsonObject, preserves: boolean): ListType {
  const type = schema['x-kubernetes-list-type'];
  const named = type === 'map' ? schema['x-kubernetes-list-map-keys'] : undefined;
  const keysAsWritten = Array.isArray(named) ? (named as readonly string[]) : [];
  const { items } = schema;
  const element = isMap(items) ? typeOf(items, preserves) : untypedAtomic;
  return { atomic: type !== 'set' && type !== 'map', keys: [...keysAsWritten].sort(), keysAsWritten, element };
}

/** Whether a map's fields are all of a shape that only their values tell: its schema can say nothing about them. */
export function isShapeless({ fields, element }: MapType): boolean {
  return fields.size === 0 && element !== undefined && element !== untypedAtomic && element.scalar === 'untyped';
}

/** Of any shape, and always one field. */
const untypedAtomic: FieldType = {
  scalar: 'untyped',
  get list(): ListType {
    return { atomic: true, keys: [], keysAsWritten: [], element: untypedAtomic };
  },
  get map(): MapType {
    return { atomic: true, fields: new Map(), element: untypedAtomic };
  },
};

/** Of any shape: objects are merged field by field, lists are one field. */
const deduced: FieldType = {
  scalar: 'untyped',
  list: { atomic: true, keys: [], keysAsWritten: [], element: untypedAtomic },
  get map(): MapType {
    return deducedMap;
  },
};
const deducedMap: MapType = { atomic: false, fields: new Map(), element: deduced };

/** What apply knows of the lists of ObjectMeta beyond their types. */
const topologies: JsonObject = {
  finalizers: { 'x-kubernetes-list-type': 'set' },
  ownerReferences: { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['uid'] },
};

function objectMetaType(): FieldType {
  const fields = objectMetaSchema['properties'] as Readonly<Record<string, JsonObject>>;
  const owners = fields['ownerReferences'] as JsonObject;
  const atomicOwner = { ...(owners['items'] as JsonObject), 'x-kubernetes-map-type': 'atomic' };
  const entries = Object.entries({ ...fields, ownerReferences: { ...owners, items: atomicOwner } });
  const properties = Object.fromEntries(
    entries.map(([name, field]) => [name, { ...field, ...(topologies[name] as JsonObject | undefined) }]),
  );
  return typeOf({ ...objectMetaSchema, properties }, false);
}

const fieldOf = (name: string, type: FieldType): readonly [string, StructField] => [
  name,
  { type, defaultValue: undefined, element: fieldElement(name) },
];

const resourceFields: ReadonlyMap<string, StructField> = new Map([
  fieldOf('apiVersion', { scalar: 'string' }),
  fieldOf('kind', { scalar: 'string' }),
  fieldOf('metadata', objectMetaType()),
]);
