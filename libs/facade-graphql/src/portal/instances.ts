import {
  GraphQLBoolean,
  GraphQLEnumType,
  GraphQLInt,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLString,
  type GraphQLFieldConfig,
  type GraphQLFieldConfigArgumentMap,
} from 'graphql';
import { parseLabelSelector, statusFailure, type HealthWord, type Turn } from '#kube';
import type { Workspace } from '#workspace';
import { attributesOf, badRequest, refused, type Asking } from '../asking.ts';
import { json } from '../schema/scalars.ts';
import { healthType, healthWord, turn } from './health-field.ts';
import { viewsOf } from './history.ts';
import { instanceOrders, type FoundInstance, type InstancePaging, type InstanceQuery, type Scope, type Views } from './views.ts';
import { text } from '../schema/texts.ts';

type InstancesArguments = {
  readonly group?: string | null;
  readonly resource?: string | null;
  readonly namespace?: string | null;
  readonly name?: string | null;
  readonly labelselector?: string | null;
  readonly health?: readonly HealthWord[] | null;
  readonly turn?: readonly Turn[] | null;
  readonly ready?: readonly ('True' | 'False' | 'Unknown')[] | null;
  readonly creator?: string | null;
  readonly owner?: string | null;
  readonly text?: string | null;
  readonly orderBy: InstancePaging['order']['by'];
  readonly descending: boolean;
  readonly limit: number;
  readonly continue?: string | null;
  readonly fresh: boolean;
};

const limitMax = 1_000;
/** Each of them is asked whether it admits whoever asks. */
const workspacesMax = 2_000;
const kindsMax = 20_000;

const readiness = new GraphQLEnumType({ name: 'Readiness', values: { True: {}, False: {}, Unknown: {} } });
const orders = new GraphQLEnumType({ name: 'InstanceOrder', values: Object.fromEntries(instanceOrders.map((order) => [order, {}])) });

const instance = new GraphQLObjectType<FoundInstance, Asking>({
  name: 'Instance',
  description: 'An object of some workspace',
  fields: {
    cluster: { ...text, description: 'Of its workspace' },
    path: { type: GraphQLString, description: 'Of its workspace: root:orgs:acme:shop' },
    group: text,
    resource: text,
    kind: text,
    namespace: text,
    name: text,
    uid: text,
    creator: { ...text, description: 'Who declared it' },
    ready: { type: readiness, description: 'Its condition Ready' },
    export: { type: GraphQLString, description: 'Through which it is offered', resolve: ({ providerExport }) => providerExport },
    health: { type: new GraphQLNonNull(healthType) },
    object: { type: json, description: 'In the version in which it is kept; without managedFields, and without what is secret' },
  },
});

type FoundPage = { readonly items: readonly FoundInstance[]; readonly continue: string; readonly count: () => Promise<number> };

const page = new GraphQLObjectType<FoundPage, Asking>({
  name: 'InstancePage',
  description: 'Objects of several workspaces, a page at a time',
  fields: {
    items: { type: new GraphQLNonNull(new GraphQLList(new GraphQLNonNull(instance))) },
    continue: { ...text, description: 'Asks for the next page; empty where this is the last' },
    count: { type: new GraphQLNonNull(GraphQLInt), description: 'Of all pages together', resolve: ({ count }) => count() },
  },
});

const listOf = (type: GraphQLEnumType) => ({ type: new GraphQLList(new GraphQLNonNull(type)) });
const args: GraphQLFieldConfigArgumentMap = {
  group: { type: GraphQLString, description: 'Only kinds of this group; empty for the core group' },
  resource: { type: GraphQLString, description: 'Only this kind: the lower-case plural' },
  namespace: { type: GraphQLString },
  name: { type: GraphQLString },
  labelselector: { type: GraphQLString, description: 'Only objects with these labels: app=web,tier!=cache' },
  health: { ...listOf(healthWord), description: 'One of these words' },
  turn: { ...listOf(turn), description: 'Whose turn it is' },
  ready: { ...listOf(readiness), description: 'What the condition Ready says' },
  creator: { type: GraphQLString, description: 'The user who declared it' },
  owner: { type: GraphQLString, description: 'The uid of one that it depends on' },
  text: { type: GraphQLString, description: 'Words that stand, or begin, in names, labels or the spec: all of them' },
  orderBy: { type: new GraphQLNonNull(orders), defaultValue: 'name' },
  descending: { type: new GraphQLNonNull(GraphQLBoolean), defaultValue: false },
  limit: { type: new GraphQLNonNull(GraphQLInt), defaultValue: 100, description: `At most so many in a page, up to ${limitMax}` },
  continue: { type: GraphQLString, description: 'What the page before said' },
  fresh: {
    type: new GraphQLNonNull(GraphQLBoolean),
    defaultValue: false,
    description: 'Waits for all that was written before: read your writes',
  },
};

/** Objects of this workspace and of all below it, of those kinds that whoever asks may list there. */
export const instances: GraphQLFieldConfig<unknown, Asking> = {
  type: page,
  description: 'The objects of this workspace and of those below it, of each kind that you may list there',
  args,
  resolve: (_, asked, asking) => found(asked as InstancesArguments, asking),
};

async function found(asked: InstancesArguments, asking: Asking): Promise<FoundPage> {
  const { limit, orderBy, descending } = asked;
  if (limit < 1 || limit > limitMax) throw badRequest(`limit is 1 to ${limitMax}`);
  const query = queryOf(asked);
  const { instances: port } = await viewsFor(asking, asked.fresh);
  const scoped = { ...query, ...(await visible(port, query, asking)) };
  const after = typeof asked.continue === 'string' && asked.continue !== '' ? { after: asked.continue } : {};
  const result = await port.find(scoped, { order: { by: orderBy, descending }, limit, ...after });
  if (result.type === 'refused') throw badRequest(result.message);
  return { items: result.found, continue: result.next ?? '', count: () => port.count(scoped) };
}

async function viewsFor(asking: Asking, fresh: boolean): Promise<Views> {
  if (fresh || asking.views === undefined) return viewsOf(asking, 'resources');
  return asking.views;
}

function queryOf(asked: InstancesArguments): InstanceQuery {
  const labels = parseLabelSelector(asked.labelselector ?? '');
  if (labels.type === 'malformed') throw badRequest(labels.message);
  if (typeof asked.resource === 'string' && typeof asked.group !== 'string')
    throw badRequest('resource takes a group, too: "" for the core group');
  const texts = Object.fromEntries(
    (['group', 'resource', 'namespace', 'name', 'creator', 'owner', 'text'] as const).flatMap((field) =>
      typeof asked[field] === 'string' ? [[field, asked[field]]] : [],
    ),
  );
  const lists = Object.fromEntries(
    (['health', 'turn', 'ready'] as const).flatMap((field) => (asked[field] ? [[field, asked[field]]] : [])),
  );
  return { ...texts, ...lists, ...(labels.requirements.length === 0 ? {} : { labels: labels.requirements }) };
}

/** Of the workspaces that have such objects, those in which whoever asks may list them; and the kinds of them, where that is not all of them. */
async function visible(port: Views['instances'], query: InstanceQuery, { visit }: Asking): Promise<Scope> {
  const { clusters, more } = await port.clusters(query, visit.workspace.path, workspacesMax);
  if (more) throw tooMany(`more than ${workspacesMax} workspaces have such objects`);
  const mayList = (workspace: Workspace, group: string, resource: string): boolean =>
    visit.mayIn(workspace, attributesOf({ group, resource }, 'list', { namespace: query.namespace ?? '', name: query.name ?? '' }));
  const [seen, others] = [[] as string[], new Map<string, Workspace>()];
  for (const cluster of clusters) {
    const workspace = await visit.open(cluster);
    if (workspace === undefined) continue;
    if (mayList(workspace, query.group ?? '*', query.resource ?? '*')) seen.push(cluster);
    else others.set(cluster, workspace);
  }
  if (query.resource !== undefined || others.size === 0) return { clusters: seen };
  const found = await port.kinds({ ...query, clusters: [...others.keys()] }, kindsMax);
  if (found.more) throw tooMany(`there are such objects of more than ${kindsMax} kinds, counted in each workspace`);
  const kinds = found.kinds.filter(({ cluster, group, resource }) => {
    const workspace = others.get(cluster);
    return workspace !== undefined && mayList(workspace, group, resource);
  });
  return { clusters: seen, kinds };
}

const tooMany = (why: string) => refused(statusFailure('RequestEntityTooLarge', `${why}: ask for fewer of them`));
