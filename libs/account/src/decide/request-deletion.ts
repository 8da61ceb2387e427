import type { KubeObject, ResourceKey } from '#kube';
import { accept, refuse, type Decision } from '#stream';
import type { AccountState } from '../account-state.ts';
import type { AccountEvent, EventAuthor } from '../events.ts';
import { providerFinalizer, type KindRules } from '../kind-rules.ts';
import type { ObjectRecord } from '../object-record.ts';
import type { Refusal } from '../refusal.ts';
import type { Screen } from '../screen.ts';
import { changed } from './object-event.ts';
import { mayGo } from './revise-resource.ts';

/** The consumer wants an object gone. */
export type RequestDeletion = {
  readonly key: ResourceKey;
  /** The Kind, for the text of a failed precondition. */
  readonly kindName: string;
  readonly hasGeneration: boolean;
  readonly rules?: KindRules | undefined;
  /** Absent for what the mesh itself deletes. */
  readonly screen?: Screen | undefined;
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string } | undefined;
  readonly by: EventAuthor;
  /** How many events of the same decision come before. */
  readonly ahead?: number;
};

export type DeletionRequested = {
  readonly decision: Decision<AccountEvent, Refusal>;
  readonly object?: KubeObject;
  readonly gone: boolean;
};

export function requestDeletion(intent: RequestDeletion, account: AccountState): DeletionRequested {
  const { key, rules, by } = intent;
  const record = account.find(key);
  if (!record) return { decision: refuse({ type: 'ResourceUnknown', key }), gone: false };
  const unmet = unmetPrecondition(intent, record);
  if (unmet) return { decision: refuse({ type: 'PreconditionFailed', key, kind: intent.kindName, message: unmet }), gone: false };
  const why = rules?.undeletable?.(record.object);
  // A workspace that closes takes with it what its consumer may not delete.
  if (why !== undefined && account.phase === 'open')
    return { decision: refuse({ type: 'ActionForbidden', key, message: why }), gone: false };
  const denied = intent.screen?.({ operation: 'DELETE', name: key.name, object: undefined, old: record.object }, account);
  if (denied) return { decision: refuse(denied), gone: false };
  if (record.deleting) return { decision: accept(), object: record.object, gone: false };

  const marked = mark(record, intent);
  const gone = mayGo(marked);
  const event = changed(gone ? 'ResourceRemoved' : 'DeletionRequested', record, marked, { account, by, ahead: intent.ahead ?? 0 });
  return { decision: accept(event), object: event.object, gone };
}

function mark(record: ObjectRecord, { rules, hasGeneration, by }: RequestDeletion): KubeObject {
  const { object } = record;
  const own = rules?.finalizer ?? (record.provider ? providerFinalizer : undefined);
  const finalizers = [...(object.metadata.finalizers ?? []), ...(own ? [own] : [])];
  const metadata = {
    ...object.metadata,
    ...(hasGeneration ? { generation: (object.metadata.generation ?? 1) + 1 } : {}),
    deletionTimestamp: `${by.at.slice(0, 19)}Z`,
    deletionGracePeriodSeconds: 0,
    ...(finalizers.length > 0 ? { finalizers: [...new Set(finalizers)] } : {}),
  };
  const marked = { ...object, metadata };
  const status = rules?.deletingStatus?.(marked);
  return status ? { ...marked, status } : marked;
}

function unmetPrecondition({ preconditions }: RequestDeletion, record: ObjectRecord): string | undefined {
  if (preconditions?.uid !== undefined && preconditions.uid !== record.uid) {
    return `the UID in the precondition (${preconditions.uid}) does not match the UID in record (${record.uid}). The object might have been deleted and then recreated`;
  }
  if (preconditions?.resourceVersion !== undefined && preconditions.resourceVersion !== String(record.position)) {
    return `the ResourceVersion in the precondition (${preconditions.resourceVersion}) does not match the ResourceVersion in record (${record.position}). The object might have been modified`;
  }
  return undefined;
}
