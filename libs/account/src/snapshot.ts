import type { BoundProvider, ResourceKey } from '#kube';
import { AccountState, type WorkspacePhase } from './account-state.ts';
import type { BoundApi, WorkspaceOwner } from './events.ts';
import { ObjectRecord } from './object-record.ts';

/** Raise it when the form below changes: older snapshots are then ignored and the stream is folded anew. */
export const snapshotShape = 3;

/** The first line. The lines behind it come in pairs: a record's row, and its object's own text as it stands (JSON has no line breaks). */
type Head = {
  readonly revision: string;
  readonly phase: WorkspacePhase;
  readonly cluster: string;
  readonly path: string;
  readonly owner: WorkspaceOwner | null;
  readonly bindings: readonly BoundApi[];
};

type RecordRow = readonly [
  key: ResourceKey,
  uid: string,
  position: string,
  labels: Record<string, string> | null,
  deleting: boolean,
  provider: BoundProvider | null,
  sequence: string | null,
  owners: readonly string[] | null,
];

/**
 * The text in pieces. What it says is settled at once; the pieces are written as they are asked for, so that others get their turn
 * while a large state is written down.
 */
export function takeSnapshot(state: AccountState): Iterable<string> {
  const { phase, cluster, path, owner } = state;
  const head: Head = { revision: String(state.revision), phase, cluster, path, owner, bindings: [...state.bindings.values()] };
  return pieces(head, [...state.records()]);
}

function* pieces(head: Head, records: readonly ObjectRecord[]): Generator<string> {
  yield JSON.stringify(head);
  for (let from = 0; from < records.length; from += pieceRecords)
    yield records
      .slice(from, from + pieceRecords)
      .map((record) => `\n${JSON.stringify(rowOf(record))}\n${record.text}`)
      .join('');
}

const pieceRecords = 500;

export function restoreSnapshot(text: string): AccountState {
  const [head = '', ...lines] = text.split('\n');
  const snapshot = JSON.parse(head) as Head;
  const state = new AccountState();
  state.revision = BigInt(snapshot.revision);
  state.phase = snapshot.phase;
  state.cluster = snapshot.cluster;
  state.path = snapshot.path;
  state.owner = snapshot.owner;
  state.bindings = new Map(snapshot.bindings.map((api) => [api.binding, api]));
  for (let line = 0; line + 1 < lines.length; line += 2)
    state.put(recordOf(JSON.parse(lines[line] ?? '') as RecordRow, lines[line + 1] ?? ''));
  return state;
}

const rowOf = (record: ObjectRecord): RecordRow => [
  record.key,
  record.uid,
  String(record.position),
  Object.keys(record.labels).length > 0 ? { ...record.labels } : null,
  record.deleting,
  record.provider ?? null,
  record.sequence ?? null,
  record.owners.length > 0 ? record.owners : null,
];

const recordOf = ([key, uid, position, labels, deleting, provider, sequence, owners]: RecordRow, text: string): ObjectRecord =>
  new ObjectRecord({
    key,
    uid,
    position: BigInt(position),
    text,
    labels: labels ?? undefined,
    deleting,
    provider: provider ?? undefined,
    sequence: sequence ?? undefined,
    owners: owners ?? undefined,
  });
