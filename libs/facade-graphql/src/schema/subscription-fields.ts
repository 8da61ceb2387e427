import {
  GraphQLBoolean,
  GraphQLEnumType,
  GraphQLNonNull,
  GraphQLString,
  type GraphQLField,
  type GraphQLFieldConfigArgumentMap,
  type GraphQLFieldConfigMap,
  type GraphQLObjectType,
} from 'graphql';
import type { Asking } from '../asking.ts';
import { inNamespace, nameArgument, selectorArguments } from './arguments.ts';
import { LeanObject } from './lean-types.ts';
import { noMarks, unmarked } from './marks.ts';
import type { KindTypes } from './kind-types.ts';
import type { VersionNames } from './names.ts';
import { someText } from './texts.ts';

type Fields = GraphQLFieldConfigMap<unknown, Asking>;

const whatHappened = new GraphQLNonNull(
  new GraphQLEnumType({
    name: 'WatchEventType',
    description: 'What has happened to an object',
    values: { ADDED: {}, MODIFIED: {}, DELETED: {} },
  }),
);

const following: GraphQLFieldConfigArgumentMap = unmarked({
  resourceVersion: { type: GraphQLString, description: 'Goes on behind this version; otherwise begins with all objects that there are' },
  subscribeToAll: { type: GraphQLBoolean, defaultValue: false, description: 'Tell of every change, not only of fields that are selected' },
});

/** What a field of a subscription follows. Its events are made and shared outside of the language's own machinery. */
export type Followed = { readonly names: VersionNames };

/** What is told of one version of a kind. */
export function eventTypeOf({ kind, types }: VersionNames, { object }: KindTypes): GraphQLObjectType<unknown, Asking> {
  const said = { description: `What has happened to one of the ${kind.resource}` };
  return new LeanObject(
    { name: types.event, ...said },
    {
      output: () => ({
        type: { type: whatHappened, extensions: noMarks },
        resourceVersion: { type: someText, description: 'Where to go on from: the argument resourceVersion', extensions: noMarks },
        object: { type: object, description: 'The object as it is; one that is gone, as it was last', extensions: noMarks },
      }),
    },
  );
}

/** The fields of one version of a kind in subscriptions: flat, since a subscription has one field at its root. */
export function subscriptionFields(names: VersionNames, type: GraphQLObjectType<unknown, Asking>): Fields {
  const { kind, version, fields } = names;
  if (!kind.verbs.includes('watch')) return {};
  const said = version.deprecationWarning === undefined ? {} : { deprecationReason: version.deprecationWarning };
  const followed: Followed = { names };
  const one = { type, ...said, resolve: (event: unknown) => event, extensions: { followed } };
  return {
    [fields.eventsOfOne]: {
      ...one,
      args: { ...nameArgument, ...inNamespace(kind), ...following },
      description: `Follows one of the ${kind.resource}`,
    },
    [fields.eventsOfMany]: {
      ...one,
      args: { ...inNamespace(kind), ...selectorArguments, ...following },
      description: `Follows the ${kind.resource}: those that there are, then what happens to them`,
    },
  };
}

export function followedBy({ extensions }: GraphQLField<unknown, unknown>): Followed | undefined {
  return extensions['followed'] as Followed | undefined;
}
