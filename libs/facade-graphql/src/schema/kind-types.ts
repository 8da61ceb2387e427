import type { GraphQLInputObjectType, GraphQLObjectType } from 'graphql';
import type { JsonObject, ServedVersion, Turn } from '#kube';
import { healthField } from '../portal/health-field.ts';
import { LeanInput, LeanObject } from './lean-types.ts';
import { metadataTypes } from './metadata-types.ts';
import { Names, type TypeNames } from './names.ts';
import { descriptionOf, objectAt, ObjectShape, type OutputFields, textPair } from './object-shape.ts';

export type KindTypes = { readonly object: GraphQLObjectType<unknown, unknown>; readonly input: GraphQLInputObjectType };

/** The types of one version of a kind, made from its structural schema: valid whatever the schema says. */
export function kindTypes(version: ServedVersion, names: TypeNames, answeredBy: Turn = 'consumer'): KindTypes {
  const { source } = version.schema;
  const schema = { ...source, properties: { ...rootProperties, ...objectAt(source, 'properties') } };
  const taken = new Names([names.object, names.input, names.list, names.event]);
  const shape = new ObjectShape(schema, { at: names.object, taken, given });
  const said = descriptionOf(source);
  return {
    object: new LeanObject({ name: names.object, ...said }, { output: () => withHealth(shape.output(), answeredBy) }),
    input: new LeanInput({ name: names.input, ...said }, shape),
  };
}

/** Every object has these, whatever its schema says. */
const rootProperties: JsonObject = {
  apiVersion: { type: 'string', description: 'Group and version of the kind' },
  kind: { type: 'string', description: 'The kind' },
  metadata: { type: 'object', description: "The object's metadata" },
};
const given = { apiVersion: textPair, kind: textPair, metadata: metadataTypes };

function withHealth(fields: OutputFields, answeredBy: Turn): OutputFields {
  const health = new Names(Object.keys(fields)).take('health');
  return { ...fields, [health]: healthField(answeredBy) };
}
