import type { KubeObject, OwnerReference, ResourceKey } from '#kube';
import { accept, refuse, type Decision } from '#stream';
import type { AccountState } from '../account-state.ts';
import type { AccountEvent, EventAuthor } from '../events.ts';
import { foregroundFinalizer, orphanFinalizer, providerFinalizer, type KindRules, type Propagation } from '../kind-rules.ts';
import type { ObjectRecord } from '../object-record.ts';
import type { Refusal } from '../refusal.ts';
import type { Screen } from '../screen.ts';
import { changed } from './object-event.ts';
import { isHeldNamespace, mayGo } from './revise-resource.ts';

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
  /** Absent: as the finalizers of the object say, otherwise Background. */
  readonly propagation?: Propagation | undefined;
  /** Whether its owners shall no longer wait for it, so that those who wait for each other in a circle can go. */
  readonly unblock?: boolean;
  readonly by: EventAuthor;
  /** How many events of the same decision come before. */
  readonly ahead?: number;
};

export type DeletionRequested = {
  readonly decision: Decision<AccountEvent, Refusal>;
  readonly object?: KubeObject;
  readonly gone: boolean;
};

/**
 * Removes the object at once where nothing holds it; otherwise marks it, and it goes with its last finalizer. Asked again, only what becomes of its
 * dependents can change. `gone`: the decision removes it.
 */
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
  const at = { account, by, ahead: intent.ahead ?? 0 };
  if (record.deleting) {
    const asked = askedAgain(record.object, intent);
    if (asked === record.object) return { decision: accept(), object: asked, gone: false };
    const gone = mayGo(asked);
    const event = changed(gone ? 'ResourceRemoved' : 'MetadataRevised', record, asked, at);
    return { decision: accept(event), object: event.object, gone };
  }
  const marked = mark(record, intent);
  const gone = mayGo(marked);
  const event = changed(gone ? 'ResourceRemoved' : 'DeletionRequested', record, marked, at);
  return { decision: accept(event), object: event.object, gone };
}

/** Until it is gone, whoever asks again may say otherwise about its dependents; not so of a namespace that is being emptied. */
function askedAgain(object: KubeObject, intent: RequestDeletion): KubeObject {
  if (isHeldNamespace(object)) return object;
  const { finalizers: present = [], ...metadata } = object.metadata;
  const finalizers = propagated(present, intent);
  if (finalizers.length === present.length && finalizers.every((finalizer) => present.includes(finalizer))) return object;
  return { ...object, metadata: finalizers.length > 0 ? { ...metadata, finalizers } : metadata };
}

/** The finalizers with the one that the propagation asks for, last. Source: upstream registry/store.go, deletionFinalizersForGarbageCollection. */
function propagated(present: readonly string[], { propagation, rules }: RequestDeletion): readonly string[] {
  if (rules?.withoutDependents) return present;
  const own = (finalizer: string): boolean => finalizer === orphanFinalizer || finalizer === foregroundFinalizer;
  const asked = propagation === undefined ? present.find(own) : finalizerOf[propagation];
  return [...present.filter((finalizer) => !own(finalizer)), ...(asked === undefined ? [] : [asked])];
}

const finalizerOf: Readonly<Record<Propagation, string | undefined>> = {
  Background: undefined,
  Foreground: foregroundFinalizer,
  Orphan: orphanFinalizer,
};

function mark(record: ObjectRecord, intent: RequestDeletion): KubeObject {
  const { object } = record;
  const { rules, hasGeneration, by, unblock } = intent;
  const own = rules?.finalizer ?? (record.provider ? providerFinalizer : undefined);
  const { finalizers: present = [], ownerReferences, ...kept } = object.metadata;
  const finalizers = [...propagated(present, intent), ...(own ? [own] : [])];
  const metadata = {
    ...kept,
    ...(ownerReferences === undefined ? {} : { ownerReferences: unblock ? ownerReferences.map(unblocking) : ownerReferences }),
    deletionTimestamp: `${by.at.slice(0, 19)}Z`,
    ...(rules?.deletingStatus ? {} : marksOfTheStore(object, hasGeneration)),
    ...(finalizers.length > 0 ? { finalizers: [...new Set(finalizers)] } : {}),
  };
  const marked = { ...object, metadata };
  const status = rules?.deletingStatus?.(marked);
  return status ? { ...marked, status } : marked;
}

/** Namespaces and definitions end in a way of their own, which sets neither. */
const marksOfTheStore = ({ metadata }: KubeObject, hasGeneration: boolean) => ({
  ...(hasGeneration ? { generation: (metadata.generation ?? 1) + 1 } : {}),
  deletionGracePeriodSeconds: 0,
});

const unblocking = (reference: OwnerReference): OwnerReference =>
  reference.blockOwnerDeletion ? { ...reference, blockOwnerDeletion: false } : reference;

function unmetPrecondition({ preconditions }: RequestDeletion, record: ObjectRecord): string | undefined {
  if (preconditions?.uid !== undefined && preconditions.uid !== record.uid) {
    return `the UID in the precondition (${preconditions.uid}) does not match the UID in record (${record.uid}). The object might have been deleted and then recreated`;
  }
  if (preconditions?.resourceVersion !== undefined && preconditions.resourceVersion !== String(record.position)) {
    return `the ResourceVersion in the precondition (${preconditions.resourceVersion}) does not match the ResourceVersion in record (${record.position}). The object might have been modified`;
  }
  return undefined;
}
