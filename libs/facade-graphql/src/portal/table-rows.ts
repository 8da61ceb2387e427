import {
  GraphQLInputObjectType,
  GraphQLInt,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLString,
  type GraphQLFieldConfig,
} from 'graphql';
import { answererOf, healthOf, selectedName, statusFailure, type Health } from '#kube';
import type { StoredObject } from '#workspace';
import { authorised, badRequest, refused, type Asking } from '../asking.ts';
import { readContinue, writeContinue } from '../resolve/continue-token.ts';
import { selectorOf } from '../resolve/list.ts';
import type { VersionNames } from '../schema/names.ts';
import { json } from '../schema/scalars.ts';
import { healthType } from './health-field.ts';
import { kindArguments, kindAsked, type KindAsked } from './kind-asked.ts';
import { filtered, searched, sortedRows, type CellFilter } from './table-order.ts';
import { TableCache } from './table-cache.ts';
import { columnNamed, columnsFor, type TableColumn } from './table-columns.ts';
import { someTexts, text } from '../schema/texts.ts';

type TableArguments = KindAsked & {
  readonly namespace?: string | null;
  readonly labelselector?: string | null;
  readonly fieldselector?: string | null;
  readonly columns?: readonly string[] | null;
  readonly sort?: string | null;
  readonly filter?: readonly CellFilter[] | null;
  readonly search?: string | null;
  readonly page?: { readonly limit?: number | null; readonly continue?: string | null } | null;
};

type Row = { readonly item: StoredObject; readonly columns: readonly TableColumn[]; readonly now: number; readonly health: () => Health };
type Table = {
  readonly resourceVersion: string;
  readonly columns: readonly TableColumn[];
  readonly rows: readonly Row[];
  readonly total: number;
  readonly continue: string;
};

const limitMax = 1_000;
const limitDefault = 100;

const columnType = new GraphQLObjectType<TableColumn, Asking>({
  name: 'TableColumn',
  description: 'A column, as kubectl prints it',
  fields: {
    name: text,
    type: { ...text, description: 'string, integer, number, boolean or date' },
    format: text,
    description: text,
    priority: { type: new GraphQLNonNull(GraphQLInt), description: 'Columns above 0 are shown where there is room' },
  },
});

const rowType = new GraphQLObjectType<Row, Asking>({
  name: 'TableRow',
  description: 'An object as a row of cells',
  fields: {
    cells: {
      type: new GraphQLNonNull(new GraphQLList(json)),
      description: 'In the order of the columns',
      resolve: ({ item, columns, now }) => columns.map((column) => column.cell(item, now)),
    },
    name: { ...text, resolve: ({ item }) => item.name },
    namespace: { ...text, resolve: ({ item }) => item.namespace },
    uid: { ...text, resolve: ({ item }) => item.uid },
    resourceVersion: { ...text, resolve: ({ item }) => String(item.position) },
    health: { type: new GraphQLNonNull(healthType), resolve: ({ health }) => health() },
    object: { type: json, description: 'The whole object', resolve: ({ item }) => item.object },
  },
});

const listOf = (type: typeof columnType | typeof rowType) => new GraphQLNonNull(new GraphQLList(new GraphQLNonNull<typeof type>(type)));

const tableType = new GraphQLObjectType<Table, Asking>({
  name: 'TableRows',
  description: 'A page of a table that was filtered and sorted as a whole',
  fields: {
    resourceVersion: { ...text, description: 'Where a subscription goes on from; all pages are of this one' },
    columns: { type: listOf(columnType) },
    rows: { type: listOf(rowType) },
    total: { type: new GraphQLNonNull(GraphQLInt), description: 'How many rows all pages have together' },
    continue: { ...text, description: 'Asks for the next page; empty where this is the last' },
  },
});

const cellFilter = new GraphQLInputObjectType({
  name: 'CellFilter_Input',
  description: 'Only rows whose cell is so; everything that is given has to hold',
  fields: {
    column: { ...text, description: "The column's name" },
    in: { type: someTexts, description: 'One of these texts' },
    notIn: { type: someTexts, description: 'None of these texts' },
    contains: { type: GraphQLString, description: 'Has this in it, whatever the case' },
  },
});

const pageInput = new GraphQLInputObjectType({
  name: 'TablePage_Input',
  fields: {
    limit: { type: GraphQLInt, description: `At most so many rows, up to ${limitMax}; otherwise ${limitDefault}` },
    continue: { type: GraphQLString, description: 'What the page before said; the rest is asked as before' },
  },
});

/** The objects of a kind as kubectl prints them, filtered, searched and sorted here: by what stands in the objects, not by what is printed of it. */
export function tableRows(all: readonly VersionNames[]): GraphQLFieldConfig<unknown, Asking> {
  return {
    type: tableType,
    description: 'The objects of a kind as rows, filtered, searched and sorted on the server',
    args: {
      ...kindArguments,
      namespace: { type: GraphQLString, description: 'The namespace; otherwise all' },
      labelselector: { type: GraphQLString, description: 'Only objects with these labels' },
      fieldselector: { type: GraphQLString, description: 'Only objects with these values' },
      columns: {
        type: someTexts,
        description:
          'By name, in this order; otherwise those of priority 0. Beside those of the kind there are Namespace, Health, and any field: .spec.region',
      },
      sort: {
        type: GraphQLString,
        description: 'A column, or a field: Age, .spec.region; downwards with a minus: -Age; several with commas between',
      },
      filter: { type: new GraphQLList(new GraphQLNonNull(cellFilter)) },
      search: { type: GraphQLString, description: 'Words that stand in the name, the namespace, the labels or some cell: all of them' },
      page: { type: pageInput },
    },
    resolve: (_, args, asking) => tableOf(all, args as TableArguments, asking),
  };
}

async function tableOf(all: readonly VersionNames[], args: TableArguments, asking: Asking): Promise<Table> {
  const names = kindAsked(all, args);
  const { kind, version } = names;
  const namespace = args.namespace ?? '';
  if (!kind.verbs.includes('list')) throw refused(statusFailure('MethodNotAllowed', `${kind.resource} cannot be listed`));
  const selector = selectorOf(names, args);
  authorised(asking, names, 'list', { namespace, name: selectedName(args.fieldselector ?? '') ?? '' });
  const limit = args.page?.limit ?? limitDefault;
  if (limit < 1 || limit > limitMax) throw badRequest(`page.limit is 1 to ${limitMax}`);
  const order = JSON.stringify([args.sort ?? '', args.filter ?? [], args.search ?? '']);
  const token = tokenOf(args.page?.continue ?? '', order);
  const available = columnsFor(names);
  const columns = chosen(available, args.columns, kind.namespaced && namespace === '');
  const listed = await asking.visit.workspace.list({
    kind,
    version: version.name,
    namespace,
    ...(selector === undefined ? {} : { selector }),
    ...(token === undefined ? {} : { at: token.position }),
  });
  if (listed.type === 'expired')
    throw refused(statusFailure('Expired', 'This table is too old to go on with. Begin anew, without continue.'));
  const rows = await orderedRows(listed, available, args, {
    ...{ cluster: asking.visit.workspace.cluster, names, namespace, order },
    selected: [args.labelselector ?? '', args.fieldselector ?? ''],
  });
  const begin = token === undefined ? 0 : token.begin;
  const now = Date.now();
  const answeredBy = answererOf(kind.group, kind.source.type === 'bound');
  const end = Math.min(rows.length, begin + limit);
  return {
    resourceVersion: String(listed.position),
    columns,
    rows: rows.slice(begin, end).map((item) => ({ item, columns, now, health: () => healthOf(item.object, answeredBy) })),
    total: rows.length,
    continue: end < rows.length ? writeContinue({ position: listed.position, sortBy: order, namespace: 'rows', name: String(end) }) : '',
  };
}

type Listed = { readonly items: readonly StoredObject[]; readonly position: bigint };
type Place = { readonly cluster: string; readonly names: VersionNames; readonly namespace: string; readonly order: string };

const tables = new TableCache();

/** All rows that match, in order. */
async function orderedRows(
  { items, position }: Listed,
  available: ReadonlyMap<string, TableColumn>,
  { filter, search, sort }: TableArguments,
  { cluster, names: { kind, version }, namespace, order, selected }: Place & { readonly selected: readonly string[] },
): Promise<readonly StoredObject[]> {
  const make = async () =>
    sortedRows(await searched(await filtered(items, filter ?? [], available), search ?? '', available), sort ?? '', available);
  // What is computed may change while the workspace stays where it is.
  if (kind.source.type === 'computed') return make();
  const key = JSON.stringify([cluster, kind.group, kind.resource, version.name, namespace, selected, order, String(position)]);
  const known = tables.get(key, available);
  if (known !== undefined) return known;
  const rows = await make();
  tables.set(key, available, rows);
  return rows;
}

function tokenOf(text_: string, order: string): { readonly position: bigint; readonly begin: number } | undefined {
  if (text_ === '') return undefined;
  const token = readContinue(text_);
  if (token?.namespace !== 'rows' || !/^\d{1,9}$/.test(token.name))
    throw badRequest('page.continue is not a token that this server has given out for a table');
  if (token.sortBy !== order) throw badRequest('page.continue belongs to a table that is sorted, filtered or searched in another way');
  return { position: token.position, begin: Number(token.name) };
}

function chosen(
  available: ReadonlyMap<string, TableColumn>,
  wanted: readonly string[] | null | undefined,
  ofAllNamespaces: boolean,
): readonly TableColumn[] {
  if (!wanted)
    return [...available.values()].filter(({ name, priority, isOwn }) =>
      isOwn ? priority === 0 : name === 'Namespace' && ofAllNamespaces,
    );
  return wanted.map((name) => columnNamed(available, name));
}
