import type { BoundProvider, KubeObject, ResourceKey } from '#kube';
import { AccountState, type WorkspacePhase } from './account-state.ts';
import type { BoundApi, WorkspaceOwner } from './events.ts';
import { ObjectRecord } from './object-record.ts';
import { isSealed, joined, parted, type Seals } from './sealing.ts';
import { textOf } from './text-of.ts';

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
  sealed?: string,
];

export function takeSnapshot(state: AccountState, seals?: Seals): string {
  const { phase, cluster, path, owner } = state;
  const sealed: string[] = [];
  const lines: string[] = [];
  for (const record of state.records()) {
    const halves = isSealed(record.key) ? parted(JSON.parse(record.text) as KubeObject, record.key) : undefined;
    if (!halves) lines.push(JSON.stringify(rowOf(record)), record.text);
    else if (!seals) throw new Error('secrets are written sealed or not at all');
    else {
      sealed.push(record.uid);
      lines.push(JSON.stringify([...rowOf(record), seals.seal(record.uid, halves.secret)]), JSON.stringify(halves.open));
    }
  }
  const head: Head = {
    revision: String(state.revision),
    phase,
    cluster,
    path,
    owner,
    bindings: [...state.bindings.values()],
    ...(sealed.length > 0 ? { sealed } : {}),
  };
  return [JSON.stringify(head), ...lines].join('\n');
}

/** Whose keys `restoreSnapshot` will ask for. */
export function sealedUidsIn(snapshot: string): readonly string[] {
  const end = snapshot.indexOf('\n');
  return (JSON.parse(end < 0 ? snapshot : snapshot.slice(0, end)) as Head).sealed ?? [];
}

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
  const [key, uid, position, labels, deleting, provider, sequence, owners, sealed] = row;
  const secret = sealed === undefined ? undefined : seals?.open(uid, sealed);
  return new ObjectRecord({
    key,
    uid,
    position: BigInt(position),
    text: secret === undefined ? text : textOf(joined(JSON.parse(text) as KubeObject, secret)),
    labels: labels ?? undefined,
    deleting,
    provider: provider ?? undefined,
    sequence: sequence ?? undefined,
    owners: owners ?? undefined,
  });
}
