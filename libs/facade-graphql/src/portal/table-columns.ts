import { answererOf, healthOf, tableColumns, tableRow, type KubeObject } from '#kube';
import type { StoredObject } from '#workspace';
import { badRequest } from '../asking.ts';
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
  /** As it is printed. `now`: milliseconds since 1970. */
  readonly cell: (item: StoredObject, now: number) => unknown;
  /** What stands in the object. */
  readonly value: (item: StoredObject) => unknown;
};

/** Those of the kind, then those that there are for all, by their names in lower case. */
export function columnsFor({ kind, version }: VersionNames): ReadonlyMap<string, TableColumn> {
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

/** @throws GraphQLError where there is none */
export function columnNamed(available: ReadonlyMap<string, TableColumn>, name: string): TableColumn {
  const column = available.get(name.toLowerCase());
  if (column !== undefined) return column;
  const known = [...available.values()].map((each) => each.name).join(', ');
  throw badRequest(`there is no column ${JSON.stringify(name)}; there are ${known}`);
}

const first = (value: unknown): unknown => (Array.isArray(value) ? value[0] : value);
