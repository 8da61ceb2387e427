import type { ObjectRecord } from '#account';
import { groupResource } from '#kube';
import { StreamTruncated } from '#stream';
import type { AccountActor } from '../account-actor.ts';
import type { PastOutcome, PastRequest } from '../workspaces.ts';
import { givenOf } from './given.ts';
import { selected, withGiven } from './list.ts';
import { stored, type VerbContext } from './verb-context.ts';

/** So much is read for one answer. */
const changesMax = 20_000;
const objectsMax = 2_000;

/**
 * What there was at a moment: what there is, with everything that has changed since as it was before its first change since. So it costs what has
 * happened since, however long the history is.
 */
export async function past(context: VerbContext, request: PastRequest): Promise<PastOutcome> {
  const { account } = context;
  await account.freshen();
  try {
    const position = typeof request.at === 'bigint' ? request.at : await positionAt(account, request.at);
    if (position > account.position) return { type: 'ahead', position: account.position };
    const records = await recordsAt(account, request, position);
    if (records === 'tooFar') return { type: 'tooFar', changes: changesMax };
    const { kind, version, name } = request;
    const given = givenOf(context, kind, records).filter((record) => name === undefined || record.name === name);
    return {
      type: 'listed',
      items: selected(
        withGiven(records, given).map((record) => stored(record, kind, version)),
        request,
      ),
      position,
    };
  } catch (failure) {
    if (failure instanceof StreamTruncated) return { type: 'expired', oldest: failure.first };
    throw failure;
  }
}

async function recordsAt(
  account: AccountActor,
  { kind, namespace, name }: PastRequest,
  position: bigint,
): Promise<readonly ObjectRecord[] | 'tooFar'> {
  const isAsked = (record: ObjectRecord): boolean =>
    (namespace === '' || record.namespace === namespace) && (name === undefined || record.name === name);
  const until = account.position;
  const then = new Map(
    account.state
      .list(groupResource(kind))
      .filter(isAsked)
      .map((record) => [sortKey(record), record]),
  );
  /** Where the state before the first change since stands; undefined: there was none. */
  const before = new Map<string, bigint | undefined>();
  let read = 0;
  for await (const { after, was, position: at } of account.past.changesAfter(position)) {
    if (at > until) break;
    if ((read += 1) > changesMax) return 'tooFar';
    const { key } = after;
    if (key.resource !== kind.resource || key.group !== kind.group || !isAsked(after)) continue;
    if (!before.has(sortKey(after))) before.set(sortKey(after), was);
    if (before.size > objectsMax) return 'tooFar';
  }
  for (const [key, was] of before) {
    const record = was === undefined ? undefined : await account.past.recordAt(was);
    if (record) then.set(key, record);
    else then.delete(key);
  }
  return [...then.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, record]) => record);
}

/** The last position that had been reached at a time. Times follow positions, as well as the clocks of those who write agree. */
async function positionAt(account: AccountActor, time: string): Promise<bigint> {
  const wanted = Date.parse(time);
  let low = 1n;
  let high = account.position;
  while (low < high) {
    const middle = (low + high + 1n) / 2n;
    const at = await timeAt(account, middle);
    if (at !== 'older' && at > wanted) high = middle - 1n;
    else low = middle;
  }
  const first = await timeAt(account, low);
  // Before the oldest that is kept there may have been anything.
  if (first === 'older') throw new StreamTruncated(account.stream, low + 1n);
  return first > wanted ? low - 1n : low;
}

async function timeAt(account: AccountActor, position: bigint): Promise<number | 'older'> {
  try {
    const at = await account.past.timeAt(position);
    return at === undefined ? Number.POSITIVE_INFINITY : Date.parse(at);
  } catch (failure) {
    if (failure instanceof StreamTruncated) return 'older';
    throw failure;
  }
}

const sortKey = ({ namespace, name }: ObjectRecord): string => `${namespace}\0${name}`;
