import { answererOf, healthOf, tableColumns, tableRow, type KubeObject } from '#kube';
import type { StoredObject } from '#workspace';
import { badRequest } from '../asking.ts';
import { pathOf, valueAt } from '../resolve/field-path.ts';
import type { VersionNames } from '../schema/names.ts';

/** A column of a table, to be printed and to be compared. */
export type TableColumn = {
  readonly name: string;
  readonly type: string;
  readonly format: string;
  readonly description: string;
  readonly priority: number;
  /** Of the kind itself, as kubectl has it. */
  readonly isOwn: boolean;
  /** Named by its place in the object: compared as what stands there, be it a number or a text. */
  readonly isPath?: true;
  /** As it is printed. `now`: milliseconds since 1970. */
  readonly cell: (item: StoredObject, now: number) => unknown;
  /** What stands in the object. */
  readonly value: (item: StoredObject) => unknown;
};

/** Those of the kind, then those that there are for all, by their names in lower case. */
export function columnsFor(names: VersionNames): ReadonlyMap<string, TableColumn> {
  let made = columnsOf.get(names);
  if (made === undefined) columnsOf.set(names, (made = makeColumns(names)));
  return made;
}

const columnsOf = new WeakMap<VersionNames, ReadonlyMap<string, TableColumn>>();

function makeColumns({ kind, version }: VersionNames): ReadonlyMap<string, TableColumn> {
  const table = tableColumns(version);
  const named = new Map<string, TableColumn>();
  const put = (column: TableColumn): void => {
    const key = column.name.toLowerCase();
    if (!named.has(key)) named.set(key, column);
  };
  const offset = table.nameElsewhere === true ? 0 : 1;
  for (const [index, definition] of table.definitions.entries()) {
    const reader = table.cells[index - offset];
    const only = reader && { definitions: [], cells: [reader], nameElsewhere: true };
    put({
      ...definition,
      isOwn: true,
      cell: (item, now) => (only ? tableRow(only, item.object, 'None', { now, version: 'v1' }).cells[0] : item.name),
      value: ({ object, name }) => (reader ? first(reader.find(object)) : name),
    });
  }
  const answeredBy = answererOf(kind.group, kind.source.type === 'bound');
  const wordOf = ({ object }: { readonly object: KubeObject }): string => healthOf(object, answeredBy).word;
  const beside = { type: 'string', format: '', priority: 1, isOwn: false };
  if (kind.namespaced) {
    const namespace = ({ namespace: of }: StoredObject): string => of;
    put({ ...beside, name: 'Namespace', description: 'The namespace of the object', cell: namespace, value: namespace });
  }
  put({ ...beside, name: 'Health', description: 'How it is, in one word', cell: wordOf, value: wordOf });
  return named;
}

/** A column by its name, or any field by its path: `.spec.region`. @throws GraphQLError where there is none */
export function columnNamed(available: ReadonlyMap<string, TableColumn>, name: string): TableColumn {
  if (name.startsWith('.')) return pathColumn(name);
  const column = available.get(name.toLowerCase());
  if (column !== undefined) return column;
  const known = [...available.values()].map((each) => each.name).join(', ');
  throw badRequest(`there is no column ${JSON.stringify(name)}; there are ${known}`);
}

function pathColumn(name: string): TableColumn {
  const path = pathOf(name);
  if (path.length === 0) throw badRequest(`there is no field in ${JSON.stringify(name)}`);
  const value = (item: StoredObject): unknown => valueAt(item, path);
  const cell = (item: StoredObject): unknown => value(item) ?? null;
  return { name, type: 'string', format: '', description: '', priority: 0, isOwn: false, isPath: true, cell, value };
}

const first = (value: unknown): unknown => (Array.isArray(value) ? value[0] : value);
