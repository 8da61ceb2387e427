import type { EntitySchema } from 'typeorm';
import {
  accountsTable,
  bindingsTable,
  catalogueTable,
  historyTable,
  livenessTable,
  resourcesTable,
  workspacesTable,
} from './view-tables.ts';

/** The type of a view's column, as PostgreSQL calls it. @throws TypeError where the view has no such column */
export function columnType(view: string, column: string): string {
  const type = types.get(view)?.get(column);
  if (type === undefined) throw new TypeError(`the view ${view} has no column ${column}`);
  return type;
}

const tables: readonly EntitySchema[] = [
  workspacesTable,
  catalogueTable,
  resourcesTable,
  accountsTable,
  bindingsTable,
  historyTable,
  livenessTable,
];

const types = new Map(
  tables.map(({ options }) => [
    options.name,
    new Map(Object.entries(options.columns).map(([name, column]) => [name, `${String(column?.type)}${column?.array ? '[]' : ''}`])),
  ]),
);
