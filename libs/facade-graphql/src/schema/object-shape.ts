import {
  GraphQLBoolean,
  GraphQLInt,
  GraphQLList,
  GraphQLString,
  type GraphQLFieldConfig,
  type GraphQLInputFieldConfig,
  type GraphQLInputType,
  type GraphQLOutputType,
} from 'graphql';
import type { Json, JsonObject } from '#kube';
import { LeanInput, LeanObject, type InputShape, type OutputShape } from './lean-types.ts';
import { isPlain, noMarks } from './marks.ts';
import { graphqlName, Names } from './names.ts';
import { float, int64, intOrString, json, jsonString, stringMap, stringMapInput } from './scalars.ts';

/** The same shape, to be read and to be written. */
export type TypePair = { readonly output: GraphQLOutputType; readonly input: GraphQLInputType };

export type OutputFields = Record<string, GraphQLFieldConfig<unknown, unknown>>;
type InputFields = Record<string, GraphQLInputFieldConfig>;

/** `given`: the types of fields for which those of the schema are not asked. */
type Place = { readonly at: string; readonly taken: Names; readonly given?: Readonly<Record<string, TypePair>> };

/** An object of a structural schema. The types of the objects below it are made at once, with names made of where they stand; fields, as often as they are asked for. */
export class ObjectShape implements OutputShape<unknown>, InputShape {
  readonly #schema: JsonObject;
  readonly #given: Place['given'];
  /** In the order in which they stand. */
  readonly #below: readonly TypePair[];

  constructor(schema: JsonObject, { at, taken, given }: Place) {
    this.#schema = schema;
    this.#given = given;
    this.#below = propertiesOf(schema)
      .filter(({ field }) => !isGiven(given, field))
      .flatMap((property) => {
        const object = objectIn(property.schema);
        return object === undefined ? [] : [pairOfObject(object, `${at}_${property.name}`, taken)];
      });
  }

  output(): OutputFields {
    const fields: OutputFields = {};
    const pairs = this.#pairs();
    for (const { name, field, schema, pair } of pairs) {
      const resolve = isReadAsIs(name, field) ? {} : { resolve: readField(field) };
      fields[name] = { type: pair.output, ...descriptionOf(schema), ...deprecationOf(schema), ...resolve, extensions: isPlain };
    }
    if (this.#isOpen) {
      const known = new Set(pairs.map(({ field }) => field));
      fields[nameOfOthers(fields)] = { type: json, description: ofOthers, resolve: readOthers(known), extensions: isPlain };
    }
    return fields;
  }

  input(): InputFields {
    const fields: InputFields = {};
    for (const { name, field, schema, pair } of this.#pairs()) {
      const extensions = name === field ? noMarks : { field };
      fields[name] = { type: pair.input, ...descriptionOf(schema), ...deprecationOf(schema), extensions };
    }
    if (this.#isOpen) fields[nameOfOthers(fields)] = { type: json, description: ofOthers, extensions: { isUnknown: true } };
    return fields;
  }

  get #isOpen(): boolean {
    return this.#schema['x-kubernetes-preserve-unknown-fields'] === true;
  }

  #pairs(): readonly (Property & { readonly pair: TypePair })[] {
    const below = this.#below.values();
    const made = (): TypePair => below.next().value ?? jsonPair;
    return propertiesOf(this.#schema).map((property) => {
      const given = isGiven(this.#given, property.field) ? this.#given?.[property.field] : undefined;
      return { ...property, pair: given ?? pairOf(property.schema, made) };
    });
  }
}

const isGiven = (given: Place['given'], field: string): boolean => given !== undefined && Object.hasOwn(given, field);

export const textPair: TypePair = { output: GraphQLString, input: GraphQLString };
const truthPair: TypePair = { output: GraphQLBoolean, input: GraphQLBoolean };
const intPair: TypePair = { output: GraphQLInt, input: GraphQLInt };
const int64Pair: TypePair = { output: int64, input: int64 };
const numberPair: TypePair = { output: float, input: float };
const intOrStringPair: TypePair = { output: intOrString, input: intOrString };
const jsonPair: TypePair = { output: json, input: json };
const jsonStringPair: TypePair = { output: jsonString, input: jsonString };
const textsPair: TypePair = { output: stringMap, input: stringMapInput };

/** What a value of this schema is. `ofObject` gives the types where it is an object with fields, or lists of such. */
function pairOf(schema: JsonObject, ofObject: () => TypePair): TypePair {
  if (schema['x-kubernetes-int-or-string'] === true) return intOrStringPair;
  const type = schema['type'] as 'string' | 'boolean' | 'integer' | 'number' | 'array' | 'object' | undefined;
  switch (type) {
    case 'string':
      return textPair;
    case 'boolean':
      return truthPair;
    case 'integer':
      return schema['format'] === 'int32' ? intPair : int64Pair;
    case 'number':
      return numberPair;
    case 'array': {
      const item = pairOf(objectAt(schema, 'items'), ofObject);
      return { output: new GraphQLList(item.output), input: new GraphQLList(item.input) };
    }
    case 'object':
      if (hasFields(schema)) return ofObject();
      return objectAt(schema, 'additionalProperties')['type'] === 'string' ? textsPair : jsonStringPair;
    case undefined:
      return jsonPair;
  }
}

/** The object with fields that a value of this schema is, or that lists of it are made of. */
function objectIn(schema: JsonObject): JsonObject | undefined {
  if (schema['x-kubernetes-int-or-string'] === true) return undefined;
  if (schema['type'] === 'array') return objectIn(objectAt(schema, 'items'));
  return schema['type'] === 'object' && hasFields(schema) ? schema : undefined;
}

function pairOfObject(schema: JsonObject, at: string, taken: Names): TypePair {
  const name = taken.take(at);
  const input = taken.take(`${name}_Input`);
  const shape = new ObjectShape(schema, { at: name, taken });
  const said = descriptionOf(schema);
  return { output: new LeanObject({ name, ...said }, shape), input: new LeanInput({ name: input, ...said }, shape) };
}

type Property = { readonly name: string; readonly field: string; readonly schema: JsonObject };

/** In a lasting order. Names that need no change go first, so that no other takes them. */
function propertiesOf(schema: JsonObject): readonly Property[] {
  const names = new Names();
  const properties = Object.entries(objectAt(schema, 'properties')).sort(([a], [b]) => (a < b ? -1 : 1));
  return [
    ...properties.filter(([field]) => graphqlName(field) === field),
    ...properties.filter(([field]) => graphqlName(field) !== field),
  ].map(([field, property]) => ({ name: names.take(graphqlName(field)), field, schema: isObject(property) ? property : {} }));
}

/** Where the fields of an object that its schema does not know are read and written. */
const nameOfOthers = (fields: object): string => new Names(Object.keys(fields)).take('_unknown');
const ofOthers = 'The fields that the schema does not know.';

/** What every object of the language has is no field of an object. */
const isReadAsIs = (name: string, field: string): boolean => name === field && !(field in Object.prototype);

const readField = (field: string) => (source: unknown) =>
  Object.hasOwn(source as object, field) ? (source as Readonly<Record<string, unknown>>)[field] : undefined;

const readOthers = (known: ReadonlySet<string>) => (source: unknown) => {
  const others = Object.entries(source as object).filter(([field]) => !known.has(field));
  return others.length === 0 ? undefined : Object.fromEntries(others);
};

export function descriptionOf({ description }: JsonObject): { readonly description?: string } {
  return typeof description === 'string' && description !== '' ? { description } : {};
}

/** How Go's documentation says it, and with it most schemas. */
function deprecationOf({ description }: JsonObject): { readonly deprecationReason?: string } {
  const reason = typeof description === 'string' ? /(?:^|\n)\s*deprecated(?::|\.)\s*([^\n]*)/i.exec(description) : null;
  return reason === null ? {} : { deprecationReason: reason[1] === '' ? 'No longer supported' : (reason[1] ?? '') };
}

export function objectAt(schema: JsonObject, field: string): JsonObject {
  const value = schema[field];
  return isObject(value) ? value : {};
}

const hasFields = (schema: JsonObject): boolean => Object.keys(objectAt(schema, 'properties')).length > 0;
const isObject = (value: Json | undefined): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);
