import {
  GraphQLInt,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLString,
  GraphQLUnionType,
  type GraphQLFieldConfigMap,
} from 'graphql';
import type { Asking } from '../asking.ts';
import { isPreferred, resourcesOf, typesOf, type CategoryArguments } from '../resolve/categories.ts';
import { resolveGet, resolveYaml, type GetArguments } from '../resolve/get.ts';
import { resolveList, type ListArguments } from '../resolve/list.ts';
import { getArguments, listArguments } from './arguments.ts';
import type { KindTypes } from './kind-types.ts';
import { LeanObject } from './lean-types.ts';
import { isVerb, noMarks } from './marks.ts';
import { apiVersionOf, type VersionNames } from './names.ts';
import { text } from './texts.ts';

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
      extensions: isVerb,
      resolve: (_, args, asking) => resolveList(names, args as ListArguments, asking),
    };
  if (!kind.verbs.includes('get')) return made;
  const one = { args: getArguments(kind), ...said, extensions: isVerb };
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
  const said = { description: `A page of the ${kind.resource}` };
  return new LeanObject(
    { name: types.list, ...said },
    {
      output: () => ({
        resourceVersion: { type: GraphQLString, description: 'Where a subscription goes on from', extensions: noMarks },
        items: { type: new GraphQLNonNull(new GraphQLList(new GraphQLNonNull(object))), description: 'The objects', extensions: noMarks },
        continue: { type: GraphQLString, description: 'Asks for the next page; empty where this is the last', extensions: noMarks },
        remainingItemCount: { type: GraphQLInt, description: 'How many are behind this page', extensions: noMarks },
      }),
    },
  );
}

const ofCategory = { group: text, version: text, kind: text, scope: text };

const categoryType = new GraphQLObjectType<unknown, Asking>({
  name: 'TypeByCategory',
  description: 'A kind of a category, as it is called in this schema',
  fields: ofCategory,
});

/** What stands beside the groups. */
export function rootQueryFields(
  all: readonly VersionNames[],
  typeOf: ReadonlyMap<VersionNames, GraphQLObjectType<unknown, unknown>>,
): Fields {
  const named = { name: { ...text, description: 'The category, as a definition names it: all' } };
  const ofSomeCategory = all.filter(({ kind, version }) => kind.categories.length > 0 && isPreferred(kind, version));
  return {
    typeByCategory: {
      type: new GraphQLNonNull(new GraphQLList(new GraphQLNonNull(categoryType))),
      args: named,
      description: 'The kinds of a category, each in its preferred version',
      resolve: (_, { name }) => typesOf(ofSomeCategory, name as string),
    },
    ...(ofSomeCategory.length > 0 && {
      resourcesByCategory: {
        type: new GraphQLNonNull(new GraphQLList(new GraphQLNonNull(categoryUnion(ofSomeCategory, typeOf)))),
        args: {
          ...named,
          namespace: { type: GraphQLString, description: 'Only namespaced objects of this namespace' },
          labelselector: { type: GraphQLString, description: 'Only objects with these labels' },
        },
        description: "The objects of a category's kinds, of those kinds that you may list",
        resolve: (_, args, asking) => resourcesOf(ofSomeCategory, args as CategoryArguments, asking),
      },
    }),
  };
}

/** Whichever kind an object is of, it says so itself. */
function categoryUnion(
  kinds: readonly VersionNames[],
  typeOf: ReadonlyMap<VersionNames, GraphQLObjectType<unknown, unknown>>,
): GraphQLUnionType {
  const types = new Map(kinds.map((names) => [`${apiVersionOf(names)} ${names.kind.kind}`, typeOf.get(names)]));
  return new GraphQLUnionType({
    name: 'CategoryResource',
    description: 'An object of a kind of some category',
    types: [...types.values()].filter((type) => type !== undefined),
    resolveType: (object) => {
      const { apiVersion, kind } = object as { readonly apiVersion?: string; readonly kind?: string };
      return types.get(`${apiVersion} ${kind}`)?.name;
    },
  });
}
