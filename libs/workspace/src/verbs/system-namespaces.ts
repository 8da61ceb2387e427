import { furnish, ObjectRecord, type AccountState, type EventAuthor, type ObjectChange } from '#account';
import type { AccountActor } from '../account-actor.ts';
import { givenUid } from '../given-uid.ts';
import { newNamespace } from '../kinds/new-namespace.ts';
import { namespaces } from '../kinds/tenancy-kinds.ts';
import type { CreateRequest, DeleteRequest, PatchRequest, UpdateRequest } from '../workspaces.ts';
import type { VerbContext } from './verb-context.ts';

/** What every cluster has beside `default`. Source: upstream pkg/controlplane/controller/systemnamespaces. */
const names = ['kube-node-lease', 'kube-public', 'kube-system'] as const;
const prefix = 'kube-';

const none: readonly ObjectRecord[] = [];
const knownFor = new WeakMap<readonly ObjectRecord[], readonly ObjectRecord[]>();

/**
 * The system namespaces that do not stand in the log yet. They are computed until somebody writes into one: most workspaces never see that.
 * `stored`: the namespaces that do stand there.
 */
export function systemNamespaces(state: AccountState, stored = state.list('namespaces')): readonly ObjectRecord[] {
  if (state.phase !== 'open') return none;
  let given = knownFor.get(stored);
  if (given) return given;
  // As old as the workspace, which is as old as its default namespace.
  const home = stored.find(({ name }) => name === 'default');
  if (!home) return none;
  const at = home.object.metadata.creationTimestamp ?? '';
  given = names
    .filter((name) => !stored.some((record) => record.name === name))
    .map((name) => recordOf(name, { cluster: state.cluster, at }));
  knownFor.set(stored, given);
  return given;
}

/** What is given beside the stored namespaces after this change was so before: it was not made, but changed. */
export function asGivenBefore(change: ObjectChange, state: AccountState): ObjectChange {
  const { before, after, removed } = change;
  if (before || removed || !after.name.startsWith(prefix) || after.uid !== uidOf(after.name, state.cluster)) return change;
  return { ...change, before: recordOf(after.name, { cluster: state.cluster, at: after.object.metadata.creationTimestamp ?? '' }) };
}

type WriteRequest = CreateRequest | UpdateRequest | PatchRequest | DeleteRequest;

/** The system namespace that a request writes to, or into. */
export function systemNamespaceOf(request: WriteRequest): string | undefined {
  const { kind, namespace } = request;
  const name = kind === namespaces ? nameOf(request) : namespace;
  return typeof name === 'string' && name.startsWith(prefix) ? name : undefined;
}

const nameOf = (request: WriteRequest): unknown => ('name' in request ? request.name : request.body.metadata.name);

/** Puts a system namespace into the log, as it was given until now, if it is not there yet. @throws LogUnavailable */
export async function standInLog(name: string, account: AccountActor, { ports }: Pick<VerbContext, 'ports'>): Promise<void> {
  if (!account.fresh) await account.freshen();
  const given = ({ state }: { readonly state: AccountState }) => systemNamespaces(state).find((record) => record.name === name);
  if (!given(account)) return;
  const by = { ...mesh, userAgent: 'tributary', user: 'system:tributary', at: ports.now(), cause: 'first use' };
  await account.submit((state) => {
    const record = given({ state });
    return furnish(record ? [record] : [], by, state);
  });
}

const mesh: Pick<EventAuthor, 'fieldManager'> = { fieldManager: 'tributary' };
/** The workspace's own. */
const position = 1n;

const uidOf = (name: string, cluster: string): string => givenUid(`${cluster}/namespaces/${name}`);

function recordOf(name: string, { cluster, at }: { readonly cluster: string; readonly at: string }): ObjectRecord {
  const uid = uidOf(name, cluster);
  const { key, object } = newNamespace(name, { uid, creationTimestamp: at }, { ...mesh, at });
  const metadata = { ...object.metadata, annotations: { 'kcp.io/cluster': cluster }, resourceVersion: String(position) };
  return ObjectRecord.of({ ...object, metadata }, { key, uid, position, provider: undefined, sequence: undefined });
}
