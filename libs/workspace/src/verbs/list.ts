import type { ObjectChange, ObjectRecord } from '#account';
import { groupResource } from '#kube';
import type { ListOutcome, ListRequest, StoredObject } from '../workspaces.ts';
import { givenOf } from './given.ts';
import { stored, type VerbContext } from './verb-context.ts';

export async function list(context: VerbContext, request: ListRequest): Promise<ListOutcome> {
  const { account } = context;
  const { kind, version, at } = request;
  await account.freshen();
  const position = at ?? account.position;
  let records = account.state.list(groupResource(kind));
  if (position < account.position) {
    const changes = account.recentAfter(position);
    if (!changes) return { type: 'expired', oldest: account.position };
    records = rewound(records, changes, groupResource(kind));
  }
  return {
    type: 'listed',
    items: selected(
      withGiven(records, givenOf(context, kind, records)).map((record) => stored(record, kind, version)),
      request,
    ),
    position,
  };
}

/** What the mesh itself puts in stands among the rest, by name. */
export function withGiven(records: readonly ObjectRecord[], given: readonly ObjectRecord[]): readonly ObjectRecord[] {
  if (given.length === 0) return records;
  return [...records, ...given].sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
}

export function selected(
  items: readonly StoredObject[],
  { namespace, selector }: Pick<ListRequest, 'namespace' | 'selector'>,
): readonly StoredObject[] {
  const inNamespace = namespace === '' ? items : items.filter((item) => item.namespace === namespace);
  return selector ? inNamespace.filter(selector) : inNamespace;
}

/** The records as they were before these changes. */
function rewound(records: readonly ObjectRecord[], changes: readonly ObjectChange[], resource: string): readonly ObjectRecord[] {
  const relevant = changes.filter(({ after }) => groupResource(after.key) === resource);
  if (relevant.length === 0) return records;
  const then = new Map(records.map((record) => [sortKey(record), record]));
  for (const { before, after } of relevant.toReversed()) {
    if (before) then.set(sortKey(before), before);
    else then.delete(sortKey(after));
  }
  return [...then.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, record]) => record);
}

const sortKey = ({ namespace, name }: ObjectRecord): string => `${namespace}\0${name}`;
