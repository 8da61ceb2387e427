import { randomUUID } from 'node:crypto';
import { reportStatus, type AccountState } from '#account';
import type { JsonObject, KubeObject, ServedKind } from '#kube';
import type { EventLog } from '#stream';
import { hop } from '#telemetry';
import type { AccountActor } from './account-actor.ts';
import { Accounts, type AccountsOptions } from './accounts.ts';
import { computedObjects, type Offer } from './computed.ts';
import { hashesOf, KindTable } from './kinds/kind-table.ts';
import { SchemaShelf } from './schema-shelf.ts';
import { create } from './verbs/create.ts';
import { remove } from './verbs/delete.ts';
import { get } from './verbs/get.ts';
import { list } from './verbs/list.ts';
import { patch } from './verbs/patch.ts';
import { update } from './verbs/update.ts';
import type { VerbContext, VerbPorts } from './verbs/verb-context.ts';
import { watch } from './verbs/watch.ts';
import { awaitBound } from './verbs/await-bound.ts';
import type { Author, Workspace, Workspaces } from './workspaces.ts';

export type HouseOptions = AccountsOptions & {
  /** Where workspaces are served from outside, without a trailing slash: `https://127.0.0.1:6443`. */
  readonly publicUrl: string;
  /** What all providers offer. */
  readonly offers: () => Promise<readonly Offer[]>;
  readonly now?: () => string;
};

/** A provider's report on one instance, as the bridge hands it in. */
export type IncomingReport = {
  readonly cluster: string;
  readonly uid: string;
  readonly export: string;
  readonly resource: string;
  readonly observedGeneration: number;
  readonly sequence: string;
  readonly status: JsonObject | undefined;
  readonly released: boolean;
  readonly cause: string;
};

export type ReportOutcome =
  | { readonly type: 'applied' }
  /** Not newer than what was applied before. */
  | { readonly type: 'duplicate' }
  /** There is no such object any more. */
  | { readonly type: 'unknown' }
  | { readonly type: 'refused'; readonly reason: string };

/** Everything that has a workspace, over one log. */
export class House implements Workspaces {
  readonly log: EventLog;
  readonly accounts: Accounts;
  readonly shelf: SchemaShelf;
  readonly publicUrl: string;
  readonly now: () => string;
  readonly #kinds: KindTable;
  readonly #ports: VerbPorts;
  readonly #workspaces = new WeakMap<AccountActor, Workspace>();

  constructor(options: HouseOptions) {
    this.log = options.log;
    this.accounts = new Accounts(options);
    this.shelf = new SchemaShelf(options.log);
    this.publicUrl = options.publicUrl;
    this.now = options.now ?? (() => new Date().toISOString());
    this.#kinds = new KindTable(this.shelf);
    this.#ports = {
      now: this.now,
      newUid: randomUUID,
      random: Math.random,
      forbidden: (kind, object, author) => this.#forbidden(kind, object, author),
      computed: (kind, state) => computedObjects(kind, state, options),
    };
  }

  open(pathOrCluster: string): Promise<Workspace | undefined> {
    const account = this.accounts.atHand(pathOrCluster);
    return account && this.#kinds.knows(account.state.bindings) ? Promise.resolve(this.#workspace(account)) : this.#find(pathOrCluster);
  }

  async #find(pathOrCluster: string): Promise<Workspace | undefined> {
    const account = await this.accounts.resolve(pathOrCluster);
    if (!account) return undefined;
    const { bindings } = account.state;
    if (bindings.size > 0) await this.shelf.ensure(hashesOf(bindings));
    return this.#workspace(account);
  }

  /** The kinds that an account's workspace serves now. */
  async kindsOf(account: AccountActor): Promise<readonly ServedKind[]> {
    await this.shelf.ensure(hashesOf(account.state.bindings));
    return this.#kinds.served(account.state.bindings);
  }

  /** Applies a provider's report to the instance it is about. @throws LogUnavailable */
  report(report: IncomingReport): Promise<ReportOutcome> {
    return hop('account/decide/report-status.ts', { workspace: report.cluster, resource: report.resource, cause: report.cause }, () =>
      this.#report(report),
    );
  }

  async #report(report: IncomingReport): Promise<ReportOutcome> {
    const account = await this.accounts.account(report.cluster);
    await account.settled();
    const record = account.state.findByUid(report.uid);
    if (!record) return { type: 'unknown' };
    const kind = (await this.kindsOf(account)).find(
      ({ group, resource }) => group === record.key.group && resource === record.key.resource,
    );
    if (!kind) return { type: 'unknown' };
    const author = {
      user: `provider:${report.export}`,
      userAgent: 'bridge',
      fieldManager: 'provider',
      at: this.now(),
      cause: report.cause,
    };
    let news = 0;
    const outcome = await account.submit((state: AccountState) => {
      const decision = reportStatus({ ...report, kind, by: author }, state);
      news = decision.type === 'accepted' ? decision.events.length : 0;
      return decision;
    });
    if (outcome.type === 'refused') return { type: 'refused', reason: outcome.refusal.message };
    return { type: news > 0 ? 'applied' : 'duplicate' };
  }

  close(): Promise<void> {
    return this.accounts.close();
  }

  #workspace(account: AccountActor): Workspace {
    let workspace = this.#workspaces.get(account);
    if (!workspace) this.#workspaces.set(account, (workspace = this.#makeWorkspace(account)));
    return workspace;
  }

  #makeWorkspace(account: AccountActor): Workspace {
    const context: VerbContext = { account, ports: this.#ports };
    const kinds = this.#kinds;
    const { cluster, path } = account.state;
    const through = <Result>(verb: string, { kind: { resource } }: { readonly kind: ServedKind }, run: () => Result): Result =>
      hop(`workspace/verbs/${verb}.ts`, { workspace: cluster, resource }, run);
    return {
      cluster,
      path,
      served: () => kinds.served(account.state.bindings),
      position: () => account.position,
      create: (request) => through('create', request, async () => awaitBound(context, request, await create(context, request))),
      get: (request) => through('get', request, () => get(context, request)),
      list: (request) => through('list', request, () => list(context, request)),
      watch: (request, sink) => through('watch', request, () => watch(context, request, sink)),
      update: (request) => through('update', request, () => update(context, request)),
      patch: (request) => through('patch', request, async () => awaitBound(context, request, await patch(context, request))),
      delete: (request) => through('delete', request, () => remove(context, request)),
    };
  }

  /** A binding to an export that is missing, or that one may not bind, draws one and the same answer. */
  async #forbidden(kind: ServedKind, object: KubeObject, author: Author): Promise<string | undefined> {
    if (kind.group !== 'apis.kcp.io' || kind.resource !== 'apibindings') return undefined;
    const { path, name } = exportOf(object);
    // Incomplete references are the schema's business.
    if (path === undefined || name === undefined) return undefined;
    const found = await this.findExport(path, name);
    return found && author.groups.includes('system:masters')
      ? undefined
      : `unable to create APIBinding: no permission to bind to export ${path}:${name}`;
  }

  async findExport(path: string, name: string): Promise<{ readonly provider: AccountActor; readonly apiExport: KubeObject } | undefined> {
    const provider = await this.accounts.resolve(path);
    const record = provider?.state.find({ group: 'apis.kcp.io', resource: 'apiexports', namespace: '', name });
    return provider && record && !record.deleting ? { provider, apiExport: record.object } : undefined;
  }
}

/** What an APIBinding refers to. */
export function exportOf(binding: KubeObject): { readonly path: string | undefined; readonly name: string | undefined } {
  const spec = binding.spec as
    { readonly reference?: { readonly export?: { readonly path?: string; readonly name?: string } } } | undefined;
  return { path: spec?.reference?.export?.path, name: spec?.reference?.export?.name };
}
