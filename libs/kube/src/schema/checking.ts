import type { Json } from '../json.ts';
import type { StatusCause } from '../status-failure.ts';
import { invalidType, invalidValue } from './field-error.ts';
import { pathText, type Segment } from './field-path.ts';
import { goQuote } from './go-text.ts';

/** One validation of one object. `path` is the place being looked at, as keys and indexes. */
export type Checking = {
  readonly path: Segment[];
  causes: StatusCause[];
  /** How many checks applied and passed: among failed alternatives, the one with most is reported. */
  matches: number;
};

/** Reports once: the same text at the same place may come from several branches of one schema. */
export function report(checking: Checking, cause: StatusCause): void {
  if (!checking.causes.some(({ field, message }) => field === cause.field && message === cause.message)) checking.causes.push(cause);
}

/** A field path of nothing prints as `<nil>`. */
export function place(checking: Checking): { readonly text: string; readonly field: string } {
  const text = pathText(checking.path);
  return { text, field: text === '' ? '<nil>' : text };
}

export function reportType(checking: Checking, type: string, actual: string): void {
  const { text, field } = place(checking);
  report(checking, invalidType(field, actual, `${text} in body must be of type ${type}: ${goQuote(actual)}`));
}

/** `below` names a field of the place instead of the place itself. */
export function reportInvalid(checking: Checking, value: Json, rule: string, below?: string): void {
  const { text, field } = place(checking);
  report(checking, invalidValue(field, value, `${below === undefined ? text : `${text}.${below}`} in body ${rule}`));
}
