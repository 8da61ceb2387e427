import { GraphQLInt, GraphQLList, GraphQLNonNull, GraphQLObjectType, GraphQLString, type GraphQLFieldConfigMap } from 'graphql';
import type { Asking } from '../asking.ts';
import { resourcesOf, typesOf } from '../resolve/categories.ts';
import { resolveGet, resolveYaml, type GetArguments } from '../resolve/get.ts';
import { resolveList, type ListArguments } from '../resolve/list.ts';
import { getArguments, listArguments } from './arguments.ts';
import type { KindTypes } from './kind-types.ts';
import type { VersionNames } from './names.ts';
import { json } from './scalars.ts';

type Fields = GraphQLFieldConfigMap<unknown, Asking>;

/** The fields of one version of a kind in queries. */
export function queryFields(names: VersionNames, { object }: KindTypes, list: GraphQLObjectType<unknown, Asking>): Fields {
  const { kind, version, fields } = names;
  const said = version.deprecationWarning === undefined ? {} : { deprecationReason: version.deprecationWarning };
  const made: Fields = {};
  if (kind.verbs.includes('list'))
    made[fields.many] = {
      type: list,
      args: listArguments(kind),
      description: `The ${kind.resource}, a page at a time`,
      ...said,
      resolve: (_, args, asking) => resolveList(names, args as ListArguments, asking),
    };
  if (!kind.verbs.includes('get')) return made;
  const one = { args: getArguments(kind), ...said };
  made[fields.one] = {
    ...one,
    type: object,
    description: `One of the ${kind.resource}`,
    resolve: (_, args, asking) => resolveGet(names, args as GetArguments, asking),
  };
  made[fields.yaml] = {
    ...one,
    type: GraphQLString,
    description: `One of the ${kind.resource}, as YAML`,
    resolve: (_, args, asking) => resolveYaml(names, args as GetArguments, asking),
  };
  return made;
}

export function listType({ types, kind }: VersionNames, object: GraphQLObjectType<unknown, unknown>): GraphQLObjectType<unknown, Asking> {
  return new GraphQLObjectType<unknown, Asking>({
    name: types.list,
    description: `A page of the ${kind.resource}`,
    fields: {
      resourceVersion: { type: GraphQLString, description: 'Where a subscription goes on from' },
      items: { type: new GraphQLNonNull(new GraphQLList(new GraphQLNonNull(object))), description: 'The objects' },
      continue: { type: GraphQLString, description: 'Asks for the next page; empty where this is the last' },
      remainingItemCount: { type: GraphQLInt, description: 'How many are behind this page' },
    },
  });
}

const text = { type: new GraphQLNonNull(GraphQLString) };
const ofCategory = { group: text, version: text, kind: text, scope: text };

const categoryType = new GraphQLObjectType<unknown, Asking>({
  name: 'TypeByCategory',
  description: 'A kind of a category, as it is called in this schema',
  fields: ofCategory,
});

const categoryResource = new GraphQLObjectType<unknown, Asking>({
  name: 'ResourceByCategory',
  description: 'An object of a kind of a category',
  fields: { ...ofCategory, name: text, namespace: { type: GraphQLString }, object: { type: json, description: 'The whole object' } },
});

/** What stands beside the groups. */
export function rootQueryFields(all: readonly VersionNames[]): Fields {
  const named = { name: { type: new GraphQLNonNull(GraphQLString), description: 'The category, as a definition names it: all' } };
  return {
    typeByCategory: {
      type: new GraphQLNonNull(new GraphQLList(new GraphQLNonNull(categoryType))),
      args: named,
      description: 'The kinds of a category, each in its preferred version',
      resolve: (_, { name }) => typesOf(all, name as string),
    },
    resourcesByCategory: {
      type: new GraphQLNonNull(new GraphQLList(new GraphQLNonNull(categoryResource))),
      args: { ...named, namespace: { type: GraphQLString, description: 'Only namespaced objects of this namespace' } },
      description: "The objects of a category's kinds, of those kinds that you may list",
      resolve: (_, args, asking) => resourcesOf(all, args as { name: string; namespace?: string | null }, asking),
    },
  };
}
