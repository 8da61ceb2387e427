import type { ResourceKey, ServedKind } from '#kube';
import { accept, type Decision } from '#stream';
import type { AccountState } from '../account-state.ts';
import type { AccountEvent, EventAuthor } from '../events.ts';
import { conditionsOf, statusOf, withConditions } from '../health.ts';
import { changed } from './object-event.ts';
import { storageVersionOf, withMeshStatus } from './track-fields.ts';

/** A provider has been given time to answer an order, and has not. */
export type NoteSilence = {
  readonly key: ResourceKey;
  readonly uid: string;
  readonly kind: ServedKind;
  readonly waitedSeconds: number;
  readonly by: EventAuthor;
};

/** Accepts nothing where the newest generation was answered meanwhile, or the object goes. Ready stays as it is. */
export function noteSilence({ key, uid, kind, waitedSeconds, by }: NoteSilence, account: AccountState): Decision<AccountEvent, never> {
  const record = account.find(key);
  if (record?.uid !== uid || record.deleting) return accept();
  const { object } = record;
  const status = statusOf(object);
  if (status['observedGeneration'] === (object.metadata.generation ?? 1)) return accept();
  const message = `the provider has not answered for ${waitedSeconds} s; the order stands and is delivered as soon as it is back`;
  const silent = { type: 'Reconciling', status: 'True', reason: 'ProviderUnreachable', message } as const;
  const conditions = withConditions(conditionsOf(status), [silent], by.at);
  const noted = withMeshStatus(object, { ...status, conditions }, { kind, version: storageVersionOf(kind), by });
  return accept(changed('StatusReported', record, noted, { account, by }));
}
