import type { GetRequest, StoredObject } from '../workspaces.ts';
import { givenAt } from './given.ts';
import { assertReadable } from './readable.ts';
import { stored, type VerbContext } from './verb-context.ts';

/** @throws KeyGone */
export async function get(context: VerbContext, { kind, version, namespace, name }: GetRequest): Promise<StoredObject | undefined> {
  const { account } = context;
  if (!account.fresh) await account.freshen();
  const record = account.state.find({ group: kind.group, resource: kind.resource, namespace, name });
  assertReadable(record, account);
  const shownRecord = record ?? givenAt(context, kind, namespace, name);
  return shownRecord && stored(shownRecord, kind, version);
}
