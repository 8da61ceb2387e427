import {
  GraphQLBoolean,
  GraphQLInputObjectType,
  GraphQLList,
  GraphQLObjectType,
  GraphQLString,
  type GraphQLInputType,
  type GraphQLOutputType,
} from 'graphql';
import { int64, jsonString, stringMap, stringMapInput } from './scalars.ts';

// https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/: the same for all kinds, so that it is made once.

type Pair = { readonly output: GraphQLOutputType; readonly input: GraphQLInputType };

const text: Pair = { output: GraphQLString, input: GraphQLString };
const truth: Pair = { output: GraphQLBoolean, input: GraphQLBoolean };
const whole: Pair = { output: int64, input: int64 };
const texts: Pair = { output: stringMap, input: stringMapInput };
const anything: Pair = { output: jsonString, input: jsonString };
const listOf = ({ output, input }: Pair): Pair => ({ output: new GraphQLList(output), input: new GraphQLList(input) });

function object(name: string, description: string, fields: Readonly<Record<string, readonly [Pair, string]>>): Pair {
  const entries = Object.entries(fields);
  return {
    output: new GraphQLObjectType({
      name,
      description,
      fields: Object.fromEntries(entries.map(([field, [{ output }, said]]) => [field, { type: output, description: said }])),
    }),
    input: new GraphQLInputObjectType({
      name: `${name}_Input`,
      description,
      fields: Object.fromEntries(
        entries.map(([field, [{ input }, said]]) => [field, { type: input, description: said, extensions: { field } }]),
      ),
    }),
  };
}

const ownerReference = object('OwnerReference', 'Another object that this one depends on', {
  apiVersion: [text, 'Group and version of the owner'],
  kind: [text, 'Kind of the owner'],
  name: [text, 'Name of the owner'],
  uid: [text, 'UID of the owner'],
  controller: [truth, 'Whether the owner manages this object'],
  blockOwnerDeletion: [truth, 'Whether the owner waits for this object when it is deleted in the foreground'],
});

const managedFields = object('ManagedFieldsEntry', 'Which fields somebody has set', {
  manager: [text, 'Who has set them'],
  operation: [text, 'Apply or Update'],
  apiVersion: [text, 'The version in which they were set'],
  time: [text, 'When they were last set'],
  fieldsType: [text, 'FieldsV1'],
  fieldsV1: [anything, 'The fields'],
  subresource: [text, 'Through which endpoint'],
});

export const metadataTypes: Pair = object('ObjectMeta', 'What every object says of itself', {
  name: [text, 'Name, unique in its namespace'],
  generateName: [text, 'The beginning of a name that the server completes'],
  namespace: [text, 'Namespace'],
  uid: [text, 'Identity, unique in time and space'],
  resourceVersion: [text, 'The version of the object, to be compared for equality'],
  generation: [whole, 'Counts the changes of what is wanted'],
  creationTimestamp: [text, 'When it was created'],
  deletionTimestamp: [text, 'When its deletion was asked for'],
  deletionGracePeriodSeconds: [whole, 'How long its deletion may take'],
  labels: [texts, 'Labels, by which it can be selected'],
  annotations: [texts, 'Notes of people and tools'],
  ownerReferences: [listOf(ownerReference), 'Objects that this one depends on'],
  finalizers: [listOf(text), 'Who still has to agree to its deletion'],
  managedFields: [listOf(managedFields), 'Who has set which fields'],
  selfLink: [text, 'No longer in use'],
});
