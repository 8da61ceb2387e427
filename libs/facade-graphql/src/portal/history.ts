import {
  GraphQLBoolean,
  GraphQLInt,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLString,
  type GraphQLFieldConfig,
} from 'graphql';
import { statusFailure } from '#kube';
import { authorised, badRequest, namespaceOf, refused, type Asking } from '../asking.ts';
import type { VersionNames } from '../schema/names.ts';
import { positionOf } from '../resolve/position.ts';
import { json } from '../schema/scalars.ts';
import { kindArguments, kindAsked, type KindAsked } from './kind-asked.ts';
import { instantOf } from './moment.ts';
import type { ChangedField, PastChange, Views } from './views.ts';
import { someTexts, text } from '../schema/texts.ts';

type HistoryArguments = KindAsked & {
  readonly name: string;
  readonly namespace?: string | null;
  readonly from?: string | null;
  readonly to?: string | null;
  readonly before?: string | null;
  readonly limit: number;
};

const limitMax = 200;
const patienceMs = 5_000;

const fieldChange = new GraphQLObjectType<ChangedField, Asking>({
  name: 'FieldChange',
  description: 'One field that is different',
  fields: {
    path: {
      type: new GraphQLNonNull(someTexts),
      description: 'Steps from the root: fields, places in lists, type=Ready for items that are told apart by a field',
    },
    before: { type: json, description: 'Null where there was nothing' },
    after: { type: json, description: 'Null where there is nothing' },
    shortened: {
      type: new GraphQLNonNull(GraphQLBoolean),
      description: 'A value is too large to be told',
      resolve: ({ shortened }) => shortened === true,
    },
  },
});

const change = new GraphQLObjectType<PastChange, Asking>({
  name: 'PastChange',
  description: 'One change of an object: who, when, through what, and what of it',
  fields: {
    resourceVersion: { ...text, description: "The object's after it", resolve: ({ revision }) => String(revision + 1n) },
    uid: text,
    type: { ...text, description: 'What happened: ResourceDeclared, SpecRevised, StatusReported, …' },
    generation: { type: GraphQLInt },
    at: { ...text, description: 'When (RFC 3339)' },
    user: { ...text, description: 'Who' },
    impersonator: { type: GraphQLString, description: 'Who acted as that user, where somebody did' },
    surface: { ...text, description: 'Through what: the User-Agent', resolve: ({ userAgent }) => userAgent },
    fieldManager: text,
    cause: { ...text, description: 'The Audit-Id of the request, or the event that it answers' },
    changes: {
      type: new GraphQLList(new GraphQLNonNull(fieldChange)),
      description: 'What is different from before; null where that is kept no longer',
      resolve: ({ diff }) => diff?.changes ?? null,
    },
    moreChanges: {
      type: new GraphQLNonNull(GraphQLBoolean),
      description: 'There are more than are told',
      resolve: ({ diff }) => diff?.more === true,
    },
  },
});

/** What happened to one object, for whoever may read it. Secrets' values are never told. */
export function history(all: readonly VersionNames[]): GraphQLFieldConfig<unknown, Asking> {
  return {
    type: new GraphQLList(new GraphQLNonNull(change)),
    description: 'The changes of one object, newest first, one that is gone included',
    args: {
      ...kindArguments,
      name: { ...text, description: 'The name of the object' },
      namespace: { type: GraphQLString, description: 'The namespace' },
      from: { type: GraphQLString, description: 'Not before this time (RFC 3339)' },
      to: { type: GraphQLString, description: 'Not after this time (RFC 3339)' },
      before: { type: GraphQLString, description: 'Only below this resourceVersion: that of the last change of the page before' },
      limit: { type: new GraphQLNonNull(GraphQLInt), defaultValue: 50, description: `At most so many, up to ${limitMax}` },
    },
    resolve: (_, args, asking) => changesOf(all, args as HistoryArguments, asking),
  };
}

async function changesOf(all: readonly VersionNames[], args: HistoryArguments, asking: Asking): Promise<readonly PastChange[]> {
  const names = kindAsked(all, args);
  const { name, limit } = args;
  const namespace = namespaceOf(names, args.namespace);
  authorised(asking, names, 'get', { namespace, name });
  if (limit < 1 || limit > limitMax) throw badRequest(`limit is 1 to ${limitMax}`);
  const below = positionOf(args.before);
  const [from, to] = [instantOf('from', args.from), instantOf('to', args.to)];
  const { group, resource } = names.kind;
  const views = await viewsOf(asking, 'history');
  return views.history.entries({
    cluster: asking.visit.workspace.cluster,
    key: { group, resource, namespace, name },
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(below === undefined ? {} : { below: below - 1n }),
    limit,
  });
}

/** The views, with all that was written before. @throws GraphQLError where there are none, or they do not come so far in time */
export async function viewsOf({ views }: Asking, view: 'history' | 'resources'): Promise<Views> {
  if (views === undefined) throw refused(statusFailure('ServiceUnavailable', 'this server keeps no views'));
  if ((await views.caughtUp(view, patienceMs)) === 'reached') return views;
  throw refused(statusFailure('ServiceUnavailable', 'the views are behind what was written: try again', { retryAfterSeconds: 1 }));
}
