import type { GetRequest, StoredObject } from '../workspaces.ts';
import { givenAt } from './given.ts';
import { shown, stored, type VerbContext } from './verb-context.ts';

export async function get(context: VerbContext, { kind, version, namespace, name }: GetRequest): Promise<StoredObject | undefined> {
  const { account, ports } = context;
  if (kind.source.type === 'computed') {
    const objects = await ports.computed(kind, account.state);
    const object = objects.find(({ metadata }) => metadata.name === name);
    return object && shown({ uid: object.metadata.uid ?? '', position: account.position }, object);
  }
  if (!account.fresh) await account.freshen();
  const record = account.state.find({ group: kind.group, resource: kind.resource, namespace, name });
  const shownRecord = record ?? givenAt(context, kind, namespace, name);
  return shownRecord && stored(shownRecord, kind, version);
}
