import type { Call } from '../../servers/tributary-client.ts';
import { gadgetsOf } from '../gadgets.ts';

export type Cause = readonly [reason: string, field: string | undefined, message: string];

/** One request that must be refused, and how. */
export type Row = {
  readonly title: string;
  readonly send: readonly [method: string, path: string, call?: Call];
  readonly code: number;
  /** '' where upstream gives none. */
  readonly reason: string;
  readonly message: string | RegExp;
  readonly causes?: readonly Cause[];
};

/** The workspace in which all goes wrong. */
export const clumsy = 'root:orgs:clumsy';

/** Orders a gadget there. */
export function posted(body: string | object, contentType?: string): Row['send'] {
  return ['POST', gadgetsOf(clumsy), { body, ...(contentType === undefined ? {} : { contentType }) }];
}
