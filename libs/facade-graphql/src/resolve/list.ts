import { fieldsMatch, labelsMatch, parseFieldSelector, parseLabelSelector, selectedName, statusFailure, type KubeObject } from '#kube';
import type { Selector, StoredObject } from '#workspace';
import { authorised, badRequest, refused, type Asking } from '../asking.ts';
import { momentOf, pastOf, type Moment } from '../portal/moment.ts';
import type { VersionNames } from '../schema/names.ts';
import { positionOf } from './position.ts';
import { readContinue, writeContinue, type PageToken } from './continue-token.ts';
import { sorted } from './sort.ts';

export type ListArguments = SelectArguments & {
  readonly sortBy?: string | null;
  readonly limit?: number | null;
  readonly continue?: string | null;
  readonly at?: Moment | null;
};

export type SelectArguments = {
  readonly namespace?: string | null;
  readonly labelselector?: string | null;
  readonly fieldselector?: string | null;
  readonly resourceVersion?: string | null;
};

/** What the list type shows. */
export type Listed = {
  readonly resourceVersion: string;
  readonly items: readonly KubeObject[];
  readonly continue: string;
  readonly remainingItemCount: number;
};

/** One page. All pages of a list are of one position, so that sorting them is stable. */
export async function resolveList(names: VersionNames, args: ListArguments, asking: Asking): Promise<Listed> {
  const { kind, version } = names;
  const namespace = args.namespace ?? '';
  const selector = selectorOf(names, args);
  authorised(asking, names, 'list', { namespace, name: selectedName(args.fieldselector ?? '') ?? '' });
  const sortBy = args.sortBy ?? '';
  const token = tokenOf(args, sortBy);
  const asked = positionOf(args.resourceVersion);
  if (asked !== undefined && token !== undefined) throw badRequest('specifying resource version is not allowed when using continue');
  const at = momentOf(args.at);
  const page = { limit: args.limit ?? 0, token, sortBy };
  if (at !== undefined) {
    const past = await pastOf(names, token?.position ?? at, { namespace, selector }, asking);
    return pageOf(sorted(past.items, sortBy), { ...page, position: past.position });
  }
  const { workspace } = asking.visit;
  const listed = await workspace.list({
    kind,
    version: version.name,
    namespace,
    ...(selector === undefined ? {} : { selector }),
    ...(token === undefined ? {} : { at: token.position }),
  });
  if (listed.type === 'expired') throw refused(statusFailure('Expired', tooOld));
  if (asked !== undefined) await reached(asked, names, asking);
  return pageOf(sorted(listed.items, sortBy), { ...page, position: listed.position });
}

const tooOld = 'The provided continue parameter is too old to display a consistent list result. Start a new list without it.';

/** @throws GraphQLError where the server has not come so far */
export async function reached(asked: bigint, { kind }: VersionNames, { visit }: Asking): Promise<void> {
  const current = await visit.workspace.positionOf(kind);
  if (asked <= current) return;
  const cause = { reason: 'ResourceVersionTooLarge' as const, message: 'Too large resource version', field: '' };
  const message = `Timeout: Too large resource version: ${asked}, current: ${current}`;
  throw refused(statusFailure('Timeout', message, { causes: [cause], retryAfterSeconds: 1 }));
}

type Page = {
  readonly limit: number;
  readonly token: PageToken | undefined;
  readonly sortBy: string;
  readonly position: bigint;
};

function pageOf(all: readonly StoredObject[], { limit, token, sortBy, position }: Page): Listed {
  const begin = token === undefined ? 0 : all.findIndex(({ namespace, name }) => namespace === token.namespace && name === token.name) + 1;
  const end = limit <= 0 ? all.length : Math.min(all.length, begin + limit);
  const items = all.slice(begin, end);
  const last = items.at(-1);
  const more = last !== undefined && end < all.length;
  return {
    resourceVersion: String(position),
    items: items.map(({ object }) => object),
    continue: more ? writeContinue({ position, sortBy, namespace: last.namespace, name: last.name }) : '',
    remainingItemCount: all.length - end,
  };
}

function tokenOf(args: ListArguments, sortBy: string): PageToken | undefined {
  if (typeof args.continue !== 'string' || args.continue === '') return undefined;
  const token = readContinue(args.continue);
  if (token === undefined) throw badRequest('continue is not a token that this server has given out for this list');
  if (token.sortBy !== sortBy) throw badRequest(`continue belongs to a list with sortBy ${JSON.stringify(token.sortBy)}`);
  return token;
}

/** @throws GraphQLError where a selector cannot be understood */
export function selectorOf(
  { kind, version }: VersionNames,
  { labelselector, fieldselector }: SelectArguments,
  name?: string,
): Selector | undefined {
  const labels = parseLabelSelector(labelselector ?? '');
  if (labels.type === 'malformed') throw badRequest(labels.message);
  const fields = parseFieldSelector(fieldselector ?? '', kind, version);
  if (fields.type === 'malformed') throw badRequest(fields.message);
  const { requirements } = labels;
  const terms = name === undefined ? fields.terms : [...fields.terms, { field: 'metadata.name', equal: true, value: name }];
  if (requirements.length === 0 && terms.length === 0) return undefined;
  return (object) => labelsMatch(requirements, object.labels) && fieldsMatch(terms, object);
}
