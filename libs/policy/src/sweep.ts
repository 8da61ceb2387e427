import {
  bindingFinalizer,
  closeWorkspace,
  finishClosing,
  noteStatus,
  releaseResource,
  requestDeletion,
  conditionsOf,
  statusOf,
  unbindApi,
  withConditions,
  type AccountEvent,
  type EventAuthor,
  type ObjectRecord,
} from '#account';
import { definitionFinalizer, definitionsName, emptyingStatus, groupResource, type ServedKind } from '#kube';
import { accept } from '#stream';
import {
  accountFinalizer,
  builtinKind,
  clusterNameOf,
  definitionFacts,
  forget,
  namespaceFinalizer,
  rulesOf,
  type AccountActor,
  type House,
} from '#workspace';
import { remainingStatus } from './namespace-conditions.ts';
import { policyAuthor, type Where } from './reaction.ts';

type Sweeping = { readonly house: House; readonly account: AccountActor; readonly by: EventAuthor; readonly cause: string };

const accountsResource = 'accounts.core.platform-mesh.io';
const bindingsResource = 'apibindings.apis.kcp.io';

/** Takes everything that is being deleted in a workspace as far as it will go now. What still holds it will cause another sweep when it lets go. */
export async function sweep(house: House, { cluster, cause }: Where): Promise<void> {
  const account = await house.accounts.account(cluster);
  await account.settled();
  const sweeping: Sweeping = { house, account, by: policyAuthor(house, cause), cause };
  for (const namespace of deleting(account, 'namespaces')) await emptyNamespace(sweeping, namespace);
  for (const binding of deleting(account, bindingsResource)) await unbind(sweeping, binding);
  for (const definition of deleting(account, definitionsName)) await undefine(sweeping, definition);
  for (const child of deleting(account, accountsResource)) await closeChild(sweeping, child);
  if (account.state.phase === 'closing') await empty(sweeping);
  // The workspace is gone: its Account, in the parent's workspace, may go too.
  if (account.state.phase === 'closed' && account.state.owner) await sweep(house, { cluster: account.state.owner.cluster, cause });
}

const deleting = (account: AccountActor, resource: string): readonly ObjectRecord[] =>
  account.state.list(resource).filter((record) => record.deleting);

async function emptyNamespace(sweeping: Sweeping, namespace: ObjectRecord): Promise<void> {
  const { house, account, by } = sweeping;
  const contents = (): readonly ObjectRecord[] => allRecords(account).filter((record) => record.namespace === namespace.name);
  const side = await house.ephemera.ofUsed(account);
  if (side)
    await forget(
      side,
      allRecords(side).filter((record) => record.namespace === namespace.name),
      by,
    );
  await deleteAll(sweeping, contents());
  const left = contents();
  if (left.length > 0) {
    await account.submit((state) =>
      noteStatus(
        {
          key: namespace.key,
          uid: namespace.uid,
          kind: builtinKind('namespaces'),
          by,
          status: (object) => remainingStatus(object, left, by.at),
        },
        state,
      ),
    );
    return;
  }
  await account.submit((state) => releaseResource({ key: namespace.key, uid: namespace.uid, finalizer: namespaceFinalizer, by }, state));
}

async function unbind(sweeping: Sweeping, binding: ObjectRecord): Promise<void> {
  const { account, by } = sweeping;
  const instances = (): readonly ObjectRecord[] =>
    (account.state.bindings.get(binding.name)?.resources ?? []).flatMap((resource) => account.state.list(groupResource(resource)));
  await deleteAll(sweeping, instances());
  if (instances().length > 0) return;
  await account.submit((state) => unbindApi({ key: binding.key, by }, state));
  if (account.state.bindings.has(binding.name)) return;
  await account.submit((state) => releaseResource({ key: binding.key, uid: binding.uid, finalizer: bindingFinalizer, by }, state));
}

/** A definition is `<plural>.<group>`, and so are its objects called. */
async function undefine(sweeping: Sweeping, definition: ObjectRecord): Promise<void> {
  const { account, by } = sweeping;
  const { key, uid } = definition;
  const isServed = definitionFacts(definition).established;
  const objects = (): readonly ObjectRecord[] => (isServed ? account.state.list(definition.name) : []);
  await deleteAll(sweeping, objects());
  if (objects().length > 0) {
    const kind = builtinKind(definitionsName);
    await account.submit((state) => noteStatus({ key, uid, kind, by, status: (object) => emptyingStatus(object, by.at) }, state));
    return;
  }
  await account.submit((state) => releaseResource({ key, uid, finalizer: definitionFinalizer, by }, state));
}

async function closeChild({ house, account, by, cause }: Sweeping, child: ObjectRecord): Promise<void> {
  const cluster = clusterNameOf(child.uid);
  const workspace = await house.accounts.account(cluster);
  await workspace.settled();
  const { phase } = workspace.state;
  if (phase === 'open') await workspace.submit((state) => closeWorkspace(by, state));
  if (phase === 'open' || phase === 'closing') {
    await empty({ house, account: workspace, by, cause });
    const left = allRecords(workspace);
    if (left.length > 0)
      await account.submit((state) =>
        noteStatus(
          {
            key: child.key,
            uid: child.uid,
            kind: builtinKind(accountsResource),
            by,
            status: (object) => ({ ...statusOf(object), ...blocked(object, left, by.at) }),
          },
          state,
        ),
      );
  }
  if (workspace.state.phase !== 'closed' && workspace.state.phase !== 'absent') return;
  await account.submit((state) => releaseResource({ key: child.key, uid: child.uid, finalizer: accountFinalizer, by }, state));
}

/** A workspace goes from the leaves: first the accounts below it, then the bindings with their instances, then the rest. */
async function empty(sweeping: Sweeping): Promise<void> {
  const { account, by } = sweeping;
  for (const resource of [accountsResource, bindingsResource]) {
    await deleteAll(sweeping, account.state.list(resource));
    if (account.state.list(resource).length > 0) return;
  }
  await deleteAll(sweeping, allRecords(account));
  for (const namespace of deleting(account, 'namespaces')) await emptyNamespace(sweeping, namespace);
  for (const definition of deleting(account, definitionsName)) await undefine(sweeping, definition);
  await account.submit((state) => finishClosing(by, state));
  if (account.state.phase === 'closed') await closeSide(sweeping);
}

/** Those who watch what is not meant to last learn that it is gone, and none of it is kept. */
async function closeSide({ house, account, by }: Sweeping): Promise<void> {
  const side = await house.ephemera.ofUsed(account);
  if (!side) return;
  await forget(side, allRecords(side), by);
  await side.submit((state) => closeWorkspace(by, state));
  await side.submit((state) => finishClosing(by, state));
  await house.log.truncate(side.stream, side.position - 1n);
}

const allRecords = (account: AccountActor): readonly ObjectRecord[] =>
  account.state.resources().flatMap((resource) => account.state.list(resource));

/** What still stands in the way, said on the Account for the consumer to see. */
function blocked(object: Parameters<typeof statusOf>[0], left: readonly ObjectRecord[], at: string) {
  const counts = new Map<string, number>();
  for (const { key } of left) counts.set(groupResource(key), (counts.get(groupResource(key)) ?? 0) + 1);
  const message = `still there: ${[...counts].map(([resource, count]) => `${count} ${resource}`).join(', ')}`;
  const waiting = { reason: 'ContentRemaining', message };
  const conditions = withConditions(
    [],
    [
      { type: 'Ready', status: 'False', ...waiting },
      { type: 'WorkspaceReady', status: 'False', ...waiting },
    ],
    at,
    conditionsOf(statusOf(object)),
  );
  return { conditions };
}

const chunkSize = 200;

/** Asks for the deletion of all that are not being deleted yet. */
async function deleteAll({ house, account, by }: Sweeping, records: readonly ObjectRecord[]): Promise<void> {
  const kinds = new Map((await house.kindsOf(account)).map((kind) => [groupResource(kind), kind]));
  const wanted = records.filter((record) => !record.deleting);
  for (let start = 0; start < wanted.length; start += chunkSize) {
    const chunk = wanted.slice(start, start + chunkSize);
    await account.submit((state) => {
      const events: AccountEvent[] = [];
      for (const { key, uid } of chunk) {
        const kind = kinds.get(groupResource(key));
        if (state.find(key)?.uid === uid) events.push(...deletionOf({ key, kind, by, ahead: events.length }, state));
      }
      return accept(...events);
    });
  }
}

type Deletion = {
  readonly key: ObjectRecord['key'];
  readonly kind: ServedKind | undefined;
  readonly by: EventAuthor;
  readonly ahead: number;
};

function deletionOf({ key, kind, by, ahead }: Deletion, state: AccountActor['state']): readonly AccountEvent[] {
  const intent = {
    key,
    kindName: kind?.kind ?? key.resource,
    hasGeneration: kind?.hasGeneration ?? true,
    rules: kind && rulesOf(kind),
    by,
    ahead,
  };
  const { decision } = requestDeletion(intent, state);
  return decision.type === 'accepted' ? decision.events : [];
}
