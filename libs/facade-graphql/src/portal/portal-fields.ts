import type { GraphQLFieldConfigMap } from 'graphql';
import type { Asking } from '../asking.ts';
import type { VersionNames } from '../schema/names.ts';
import { history } from './history.ts';
import { instances } from './instances.ts';
import { mayI } from './may-i.ts';
import { tableRows } from './table-rows.ts';

/** What a portal asks beside the kinds. Each may be refused, and then is null: what stands beside it is answered. */
export const portalFieldNames = ['mayI', 'tableRows', 'history', 'instances'] as const;

export const portalFields = (
  all: readonly VersionNames[],
): Pick<GraphQLFieldConfigMap<unknown, Asking>, (typeof portalFieldNames)[number]> => ({
  mayI,
  tableRows: tableRows(all),
  history: history(all),
  instances,
});
