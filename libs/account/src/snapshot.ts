import { parseJson } from '#json';
import type { BoundProvider, FieldPattern, KubeObject, ResourceKey } from '#kube';
import { AccountState, type WorkspacePhase } from './account-state.ts';
import type { BoundApi, WorkspaceOwner } from './events.ts';
import { ObjectRecord } from './object-record.ts';
import { holdsSecrets, joined, parted, sharedFields, type Seals } from './sealing.ts';
import { textOf } from './text-of.ts';

/** Raise it when the form below changes: older snapshots are then ignored and the stream is folded anew. */
export const snapshotShape = 4;

/** The first line. The lines behind it come in pairs: a record's row, and its object's own text as it stands (JSON has no line breaks). */
type Head = {
  readonly revision: string;
  readonly phase: WorkspacePhase;
  readonly cluster: string;
  readonly path: string;
  readonly owner: WorkspaceOwner | null;
  readonly bindings: readonly BoundApi[];
  /** The uids of the objects whose secrets are sealed in their rows. Absent where there are none. */
  readonly sealed?: readonly string[];
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
  /** The object's secrets; its text is then without them. */
  sealed?: string | null,
  /** Absent where its schema marks no secrets. */
  secretFields?: readonly FieldPattern[],
];

/**
 * The text in pieces. What it says is settled at once; the pieces are written as they are asked for, so that others get their turn
 * while a large state is written down.
 */
export function takeSnapshot(state: AccountState, seals?: Pick<Seals, 'seal'>): Iterable<string> {
  const { phase, cluster, path, owner } = state;
  const records = [...state.records()];
  const sealed = records.filter(holdsSecrets).map(({ uid }) => uid);
  const bindings = [...state.bindings.values()];
  const head: Head = { revision: String(state.revision), phase, cluster, path, owner, bindings, ...(sealed.length > 0 ? { sealed } : {}) };
  return pieces(head, records, seals);
}

function* pieces(head: Head, records: readonly ObjectRecord[], seals: Pick<Seals, 'seal'> | undefined): Generator<string> {
  yield JSON.stringify(head);
  for (let from = 0; from < records.length; from += pieceRecords)
    yield records
      .slice(from, from + pieceRecords)
      .map((record) => (holdsSecrets(record) ? sealedLines(record, seals) : `\n${JSON.stringify(rowOf(record))}\n${record.textOnce()}`))
      .join('');
}

function sealedLines(record: ObjectRecord, seals: Pick<Seals, 'seal'> | undefined): string {
  const halves = parted(parseJson(record.text) as KubeObject, record);
  if (halves && !seals) throw new Error('secrets are written sealed or not at all');
  // Without a key it was removed since: what follows the snapshot in the log says so.
  const sealed = halves && seals?.seal(record.uid, halves.secret);
  const row = [...rowOf(record), sealed ?? null, ...(record.secretFields ? [record.secretFields] : [])];
  return `\n${JSON.stringify(row)}\n${halves ? JSON.stringify(halves.open) : record.text}`;
}

const pieceRecords = 500;

/** Whose keys `restoreSnapshot` will ask for. */
export function sealedUidsIn(snapshot: string): readonly string[] {
  const end = snapshot.indexOf('\n');
  return (JSON.parse(end < 0 ? snapshot : snapshot.slice(0, end)) as Head).sealed ?? [];
}

/** The state of a snapshot of the present `snapshotShape`. Of an object whose secrets `seals` does not open, the rest is there. */
export function restoreSnapshot(text: string, seals?: Pick<Seals, 'open'>): AccountState {
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
    state.put(recordOf(JSON.parse(lines[line] ?? '') as RecordRow, lines[line + 1] ?? '', seals));
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

function recordOf(row: RecordRow, text: string, seals: Pick<Seals, 'open'> | undefined): ObjectRecord {
  const [key, uid, position, labels, deleting, provider, sequence, owners, sealed, secretFields] = row;
  const secret = typeof sealed !== 'string' ? undefined : seals?.open(uid, sealed);
  return new ObjectRecord({
    key,
    uid,
    position: BigInt(position),
    text: secret === undefined ? text : textOf(joined(parseJson(text) as KubeObject, secret)),
    labels: labels ?? undefined,
    deleting,
    provider: provider ?? undefined,
    sequence: sequence ?? undefined,
    owners: owners ?? undefined,
    secretFields: secretFields && sharedFields(secretFields),
  });
}
