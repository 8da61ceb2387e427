import type { ServedKind } from '#kube';
import { hop } from '#telemetry';
import type { AccountAccess } from './account-access.ts';
import type { AccountActor } from './account-actor.ts';
import { workspaceOf } from './computed.ts';
import type { ComputedFeeds } from './computed-feeds.ts';
import type { WebhookReach } from './conversion/post-review.ts';
import { webhookView } from './conversion/webhook-view.ts';
import type { Ephemera } from './ephemera.ts';
import { leases, serviceAccounts } from './kinds/core-kinds.ts';
import { events } from './kinds/event-kinds.ts';
import type { KindTable } from './kinds/kind-table.ts';
import { resourceQuotas } from './kinds/quota-kinds.ts';
import { accounts, workspaces } from './kinds/tenancy-kinds.ts';
import { vouchesFor } from './service-accounts.ts';
import { awaitBound } from './verbs/await-bound.ts';
import { computedVerbs } from './verbs/computed-verbs.ts';
import { discreet } from './verbs/discreet.ts';
import { create } from './verbs/create.ts';
import { remove } from './verbs/delete.ts';
import { eventView, type Verbs } from './verbs/event-view.ts';
import { fillTokens } from './verbs/fill-tokens.ts';
import { follow } from './verbs/follow.ts';
import { get } from './verbs/get.ts';
import { list } from './verbs/list.ts';
import { past } from './verbs/past.ts';
import { patch } from './verbs/patch.ts';
import { readView } from './verbs/read-view.ts';
import { standInLog, systemNamespaceOf } from './verbs/system-namespaces.ts';
import { update } from './verbs/update.ts';
import type { VerbContext, VerbPorts } from './verbs/verb-context.ts';
import { watch } from './verbs/watch.ts';
import type { CreateRequest, DeleteOutcome, DeleteRequest, PatchRequest, UpdateRequest, Workspace, WriteOutcome } from './workspaces.ts';

/** What the workspaces of one house have in common. */
export type WorkspaceParts = {
  readonly kinds: KindTable;
  readonly ports: VerbPorts;
  readonly ephemera: Ephemera;
  readonly computed: ComputedFeeds;
  readonly webhookReach: WebhookReach;
  readonly publicUrl: string;
};

/** The verbs of one account's workspace: which of them serve a kind follows from where its objects are and how they are seen. */
export function accountWorkspace(account: AccountActor, access: AccountAccess, parts: WorkspaceParts): Workspace {
  const { cluster, path } = account.state;
  const served = (): readonly ServedKind[] => parts.kinds.served(account.state);
  const context: VerbContext = { account, access, ports: parts.ports, served };
  // A side stream is asked for each time: one that nobody uses goes from memory.
  const side = async (): Promise<VerbContext> => ({ ...context, account: await parts.ephemera.of(account), home: account });
  const verbs = storedVerbs(context, parts.ephemera, side);
  const reads = computedVerbs(account, (kind) => parts.computed.of(account, kind));
  const of = verbsOf(account, { verbs, reads, parts });
  const through = <Result>(verb: string, { kind: { resource } }: { readonly kind: ServedKind }, run: () => Result): Result =>
    hop(`workspace/verbs/${verb}.ts`, { workspace: cluster, resource }, run);
  const quiet = <Outcome extends WriteOutcome | DeleteOutcome>(
    request: CreateRequest | UpdateRequest | PatchRequest | DeleteRequest,
    outcome: Outcome,
  ): Outcome => discreet(request, outcome, account.state);
  const settled = async (request: CreateRequest | PatchRequest, outcome: WriteOutcome): Promise<WriteOutcome> =>
    request.kind === serviceAccounts ? fillTokens(context, request, outcome, verbs.patch) : awaitBound(context, request, outcome);
  return {
    cluster,
    path,
    served,
    position: () => account.position,
    access: () => access.rules,
    vouchesFor: (claim) => vouchesFor(account.state, claim),
    onAccessChange: (listener) => access.onChange(listener),
    async positionOf(kind) {
      if (kind.ephemeral) return (await side()).account.position;
      return kind.source.type === 'computed' && kind !== workspaces ? reads.positionOf(kind) : account.position;
    },
    create: (request) => through('create', request, async () => settled(request, quiet(request, await of(request).create(request)))),
    get: (request) => through('get', request, () => of(request).get(request)),
    list: (request) => through('list', request, () => of(request).list(request)),
    past: (request) => through('past', request, () => past(context, request)),
    follow: (after, sink) => follow(context, after, sink),
    watch: (request, sink) => through('watch', request, () => of(request).watch(request, sink)),
    update: (request) => through('update', request, async () => quiet(request, await of(request).update(request))),
    patch: (request) => through('patch', request, async () => settled(request, quiet(request, await of(request).patch(request)))),
    delete: (request) => through('delete', request, async () => quiet(request, await of(request).delete(request))),
  };
}

type Of = { readonly kind: ServedKind };

/** On what stands in the account's stream, or on its side stream. */
function storedVerbs(context: VerbContext, ephemera: Ephemera, side: () => Promise<VerbContext>): Verbs {
  const within = <Request extends Of, Result>(
    request: Request,
    verb: (context: VerbContext, request: Request) => Promise<Result>,
  ): Promise<Result> => (request.kind.ephemeral ? side().then((found) => verb(found, request)) : verb(context, request));
  /** What is written to a system namespace, or into it, finds it in the log. */
  const writing = <Request extends CreateRequest | UpdateRequest | PatchRequest | DeleteRequest, Result>(
    request: Request,
    verb: (context: VerbContext, request: Request) => Promise<Result>,
  ): Promise<Result> => {
    const name = systemNamespaceOf(request);
    const written =
      name === undefined ? within(request, verb) : standInLog(name, context.account, context).then(() => within(request, verb));
    return request.kind === leases || request.kind === resourceQuotas ? written.then((outcome) => recounted(request, outcome)) : written;
  };
  const recounted = async <Outcome>({ namespace }: { readonly namespace: string }, outcome: Outcome): Promise<Outcome> => {
    await ephemera.recount(context.account, namespace);
    return outcome;
  };
  return {
    create: (request) => writing(request, create),
    get: (request) => within(request, get),
    list: (request) => within(request, list),
    watch: (request, sink) => within(request, (found) => watch(found, request, sink)),
    update: (request) => writing(request, update),
    patch: (request) => writing(request, patch),
    delete: (request) => writing(request, remove),
  };
}

type Choice = { readonly verbs: Verbs; readonly reads: ReturnType<typeof computedVerbs>; readonly parts: WorkspaceParts };

function verbsOf(account: AccountActor, { verbs, reads, parts }: Choice): (request: Of) => Verbs {
  const { publicUrl, webhookReach } = parts;
  const view = eventView(verbs);
  const below = {
    ...verbs,
    ...readView(verbs, { kind: accounts, version: 'v1alpha1' }, (shown) => workspaceOf(shown, account.state, publicUrl)),
  };
  const computed = { ...verbs, ...reads };
  return ({ kind }) => {
    if (kind === events) return view;
    if (kind.source.type === 'computed') return kind === workspaces ? below : computed;
    return kind.webhook ? webhookView(verbs, account, webhookReach) : verbs;
  };
}
