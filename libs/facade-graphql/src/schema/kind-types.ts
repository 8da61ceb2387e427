import {
  GraphQLBoolean,
  GraphQLInputObjectType,
  GraphQLInt,
  GraphQLList,
  GraphQLObjectType,
  GraphQLString,
  type GraphQLFieldConfig,
  type GraphQLInputFieldConfig,
  type GraphQLInputType,
  type GraphQLOutputType,
} from 'graphql';
import type { Json, JsonObject, ServedVersion, Turn } from '#kube';
import { healthField } from '../portal/health-field.ts';
import { isPlain, noMarks } from './marks.ts';
import { metadataTypes } from './metadata-types.ts';
import { graphqlName, Names, type TypeNames } from './names.ts';
import { float, int64, intOrString, json, jsonString, stringMap, stringMapInput } from './scalars.ts';

/** The same shape, to be read and to be written. */
export type TypePair = { readonly output: GraphQLOutputType; readonly input: GraphQLInputType };

export type KindTypes = { readonly object: GraphQLObjectType<unknown, unknown>; readonly input: GraphQLInputObjectType };

/** Where the fields of an object that its schema does not know are read and written. */
const unknownField = '_unknown';

/** The types of one version of a kind, made from its structural schema: valid whatever the schema says. */
export function kindTypes(version: ServedVersion, names: TypeNames, answeredBy: Turn = 'consumer'): KindTypes {
  const maker = new TypeMaker(names);
  return maker.ofRoot(version.schema.source, answeredBy);
}

const textPair: TypePair = { output: GraphQLString, input: GraphQLString };
const jsonPair: TypePair = { output: json, input: json };
const jsonStringPair: TypePair = { output: jsonString, input: jsonString };

type Fields = {
  readonly output: Record<string, GraphQLFieldConfig<unknown, unknown>>;
  readonly input: Record<string, GraphQLInputFieldConfig>;
};

class TypeMaker {
  readonly #names: TypeNames;
  readonly #taken: Names;

  constructor(names: TypeNames) {
    this.#names = names;
    this.#taken = new Names([names.object, names.input, names.list, names.event]);
  }

  ofRoot(schema: JsonObject, answeredBy: Turn): KindTypes {
    const { object: name, input } = this.#names;
    const properties = { ...rootProperties, ...objectAt(schema, 'properties') };
    const fields = this.#fields({ ...schema, properties }, name, { apiVersion: textPair, kind: textPair, metadata: metadataTypes });
    const description = descriptionOf(schema);
    const health = new Names(Object.keys(fields.output)).take('health');
    return {
      object: new GraphQLObjectType({
        name,
        ...description,
        fields: { ...fields.output, [health]: healthField(answeredBy) },
        extensions: noMarks,
      }),
      input: new GraphQLInputObjectType({ name: input, ...description, fields: fields.input, extensions: noMarks }),
    };
  }

  /** Each object has a name of its own, made of where it stands. */
  #typeOf(schema: JsonObject, at: string): TypePair {
    if (schema['x-kubernetes-int-or-string'] === true) return { output: intOrString, input: intOrString };
    const type = schema['type'] as 'string' | 'boolean' | 'integer' | 'number' | 'array' | 'object' | undefined;
    switch (type) {
      case 'string':
        return textPair;
      case 'boolean':
        return { output: GraphQLBoolean, input: GraphQLBoolean };
      case 'integer':
        return schema['format'] === 'int32' ? { output: GraphQLInt, input: GraphQLInt } : { output: int64, input: int64 };
      case 'number':
        return { output: float, input: float };
      case 'array': {
        const item = this.#typeOf(objectAt(schema, 'items'), at);
        return { output: new GraphQLList(item.output), input: new GraphQLList(item.input) };
      }
      case 'object':
        return this.#ofObject(schema, at);
      case undefined:
        return jsonPair;
    }
  }

  #ofObject(schema: JsonObject, at: string): TypePair {
    if (Object.keys(objectAt(schema, 'properties')).length === 0) {
      const isOfTexts = objectAt(schema, 'additionalProperties')['type'] === 'string';
      return isOfTexts ? { output: stringMap, input: stringMapInput } : jsonStringPair;
    }
    const name = this.#taken.take(at);
    const input = this.#taken.take(`${name}_Input`);
    const description = descriptionOf(schema);
    const fields = this.#fields(schema, name);
    return {
      output: new GraphQLObjectType({ name, ...description, fields: fields.output, extensions: noMarks }),
      input: new GraphQLInputObjectType({ name: input, ...description, fields: fields.input, extensions: noMarks }),
    };
  }

  #fields(schema: JsonObject, at: string, given: Readonly<Record<string, TypePair>> = {}): Fields {
    const fields: Fields = { output: {}, input: {} };
    const names = new Names();
    const properties = Object.entries(objectAt(schema, 'properties')).sort(([a], [b]) => (a < b ? -1 : 1));
    // Names that need no change go first, so that no other takes them.
    const inOrder = [
      ...properties.filter(([field]) => graphqlName(field) === field),
      ...properties.filter(([field]) => graphqlName(field) !== field),
    ];
    for (const [field, property] of inOrder) {
      const name = names.take(graphqlName(field));
      const below = isObject(property) ? property : {};
      const { output, input } = (Object.hasOwn(given, field) ? given[field] : undefined) ?? this.#typeOf(below, `${at}_${name}`);
      const said = { ...descriptionOf(below), ...deprecationOf(below) };
      fields.output[name] = {
        type: output,
        ...said,
        ...(isReadAsIs(name, field) ? {} : { resolve: readField(field) }),
        extensions: isPlain,
      };
      fields.input[name] = { type: input, ...said, extensions: name === field ? noMarks : { field } };
    }
    if (schema['x-kubernetes-preserve-unknown-fields'] === true) {
      const known = new Set(properties.map(([field]) => field));
      const said = { description: 'The fields that the schema does not know.' };
      const name = names.take(unknownField);
      fields.output[name] = { type: json, ...said, resolve: readOthers(known), extensions: isPlain };
      fields.input[name] = { type: json, ...said, extensions: { isUnknown: true } };
    }
    return fields;
  }
}

/** Every object has these, whatever its schema says. */
const rootProperties: JsonObject = {
  apiVersion: { type: 'string', description: 'Group and version of the kind' },
  kind: { type: 'string', description: 'The kind' },
  metadata: { type: 'object', description: "The object's metadata" },
};

/** What every object of the language has is no field of an object. */
const isReadAsIs = (name: string, field: string): boolean => name === field && !(field in Object.prototype);

const readField = (field: string) => (source: unknown) =>
  Object.hasOwn(source as object, field) ? (source as Readonly<Record<string, unknown>>)[field] : undefined;

const readOthers = (known: ReadonlySet<string>) => (source: unknown) => {
  const others = Object.entries(source as object).filter(([field]) => !known.has(field));
  return others.length === 0 ? undefined : Object.fromEntries(others);
};

function descriptionOf({ description }: JsonObject): { readonly description?: string } {
  return typeof description === 'string' && description !== '' ? { description } : {};
}

/** How Go's documentation says it, and with it most schemas. */
function deprecationOf({ description }: JsonObject): { readonly deprecationReason?: string } {
  const reason = typeof description === 'string' ? /(?:^|\n)\s*deprecated(?::|\.)\s*([^\n]*)/i.exec(description) : null;
  return reason === null ? {} : { deprecationReason: reason[1] === '' ? 'No longer supported' : (reason[1] ?? '') };
}

function objectAt(schema: JsonObject, field: string): JsonObject {
  const value = schema[field];
  return isObject(value) ? value : {};
}

const isObject = (value: Json | undefined): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);
