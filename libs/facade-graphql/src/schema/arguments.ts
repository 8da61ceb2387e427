import { GraphQLInt, GraphQLString, type GraphQLFieldConfigArgumentMap } from 'graphql';
import type { ServedKind } from '#kube';
import { unmarked } from './marks.ts';
import { momentArgument } from '../portal/moment.ts';
import { text } from './texts.ts';

const namespace: GraphQLFieldConfigArgumentMap = unmarked({
  namespace: { type: GraphQLString, description: 'The namespace' },
});

export const nameArgument: GraphQLFieldConfigArgumentMap = unmarked({
  name: { ...text, description: 'The name of the object' },
});

export const selectorArguments: GraphQLFieldConfigArgumentMap = unmarked({
  labelselector: { type: GraphQLString, description: 'Only objects with these labels: app=web,tier!=cache' },
  fieldselector: { type: GraphQLString, description: 'Only objects with these values: metadata.name=web' },
});

const page: GraphQLFieldConfigArgumentMap = unmarked({
  sortBy: {
    type: GraphQLString,
    description:
      'Sorts the whole list by fields: spec.region, -metadata.creationTimestamp. Among equals, and without it, by namespace and name.',
  },
  limit: { type: GraphQLInt, description: 'At most so many items in one page' },
  continue: { type: GraphQLString, description: 'What the page before said: goes on behind it, in the same list' },
});

const notOlder: GraphQLFieldConfigArgumentMap = unmarked({
  resourceVersion: { type: GraphQLString, description: 'Not older than this' },
});

/** Only what is namespaced is told its namespace. */
export const inNamespace = ({ namespaced }: ServedKind): GraphQLFieldConfigArgumentMap => (namespaced ? namespace : {});

export const getArguments = (kind: ServedKind): GraphQLFieldConfigArgumentMap => ({
  ...nameArgument,
  ...inNamespace(kind),
  ...notOlder,
  ...momentArgument(kind),
});

export const listArguments = (kind: ServedKind): GraphQLFieldConfigArgumentMap => ({
  ...inNamespace(kind),
  ...selectorArguments,
  ...page,
  ...notOlder,
  ...momentArgument(kind),
});
