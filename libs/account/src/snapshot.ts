import type { BoundProvider, ResourceKey } from '#kube';
import { AccountState, type WorkspacePhase } from './account-state.ts';
import type { BoundApi, WorkspaceOwner } from './events.ts';
import { ObjectRecord } from './object-record.ts';

/** Raise it when the fields below change: older snapshots are then ignored and the stream is folded anew. */
export const snapshotShape = 1;

type SnapshotText = {
  readonly revision: string;
  readonly phase: WorkspacePhase;
  readonly cluster: string;
  readonly path: string;
  readonly owner: WorkspaceOwner | null;
  readonly bindings: readonly BoundApi[];
  readonly records: readonly RecordRow[];
};

type RecordRow = readonly [
  key: ResourceKey,
  uid: string,
  position: string,
  text: string,
  labels: Record<string, string> | null,
  deleting: boolean,
  provider: BoundProvider | null,
  sequence: string | null,
];

export function takeSnapshot(state: AccountState): string {
  const records = state.resources().flatMap((resource) => state.list(resource).map(rowOf));
  const { phase, cluster, path, owner } = state;
  const text: SnapshotText = {
    revision: String(state.revision),
    phase,
    cluster,
    path,
    owner,
    bindings: [...state.bindings.values()],
    records,
  };
  return JSON.stringify(text);
}

export function restoreSnapshot(text: string): AccountState {
  const snapshot = JSON.parse(text) as SnapshotText;
  const state = new AccountState();
  state.revision = BigInt(snapshot.revision);
  state.phase = snapshot.phase;
  state.cluster = snapshot.cluster;
  state.path = snapshot.path;
  state.owner = snapshot.owner;
  state.bindings = new Map(snapshot.bindings.map((api) => [api.binding, api]));
  for (const row of snapshot.records) state.put(recordOf(row));
  return state;
}

const rowOf = (record: ObjectRecord): RecordRow => [
  record.key,
  record.uid,
  String(record.position),
  record.text,
  Object.keys(record.labels).length > 0 ? { ...record.labels } : null,
  record.deleting,
  record.provider ?? null,
  record.sequence ?? null,
];

const recordOf = ([key, uid, position, text, labels, deleting, provider, sequence]: RecordRow): ObjectRecord =>
  new ObjectRecord({
    key,
    uid,
    position: BigInt(position),
    text,
    labels: labels ?? undefined,
    deleting,
    provider: provider ?? undefined,
    sequence: sequence ?? undefined,
  });
