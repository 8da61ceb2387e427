import { randomUUID } from 'node:crypto';
import { abroad, authorize } from '#access';
import { decodeEvent, eventOf, reportStatus, sealedUidOf, type AccountEvent, type AccountState, type ObjectRecord } from '#account';
import type { BoundProvider, KubeObject, ServedKind, TakenNames } from '#kube';
import type { EventLog } from '#stream';
import { hop } from '#telemetry';
import { AccountAccess, identityOf } from './account-access.ts';
import type { AccountActor } from './account-actor.ts';
import { accountWorkspace, type WorkspaceParts } from './account-workspace.ts';
import { Accounts, type AccountsOptions } from './accounts.ts';
import { announce } from './announce.ts';
import { Ephemera } from './ephemera.ts';
import type { Offer } from './computed.ts';
import { ComputedFeeds } from './computed-feeds.ts';
import type { WebhookReach } from './conversion/post-review.ts';
import { hashesOf, KindTable } from './kinds/kind-table.ts';
import type { ServiceAccountSupply } from './kinds/token-secrets.ts';
import type { ParkedReport, ProviderReport, ReportOutcome } from './provider-report.ts';
import { SchemaShelf } from './schema-shelf.ts';
import { givenOf } from './verbs/given.ts';
import type { Author, Workspace, Workspaces } from './workspaces.ts';

export type HouseOptions = AccountsOptions & {
  /** Where workspaces are served from outside, without a trailing slash: `https://127.0.0.1:6443`. */
  readonly publicUrl: string;
  /** What all providers offer. */
  readonly offers: () => Promise<readonly Offer[]>;
  readonly now?: () => string;
  /** Absent: ServiceAccounts get no tokens. */
  readonly serviceAccounts?: ServiceAccountSupply;
  /** Where the webhooks that consumers name may be. Default: at public addresses. */
  readonly webhookReach?: WebhookReach;
};

/** Everything that has a workspace, over one log. */
export class House implements Workspaces {
  readonly log: EventLog;
  readonly accounts: Accounts;
  readonly shelf: SchemaShelf;
  readonly publicUrl: string;
  readonly now: () => string;
  readonly #kinds: KindTable;
  readonly #parts: WorkspaceParts;
  readonly #workspaces = new WeakMap<AccountActor, Workspace>();
  readonly #access = new WeakMap<AccountActor, AccountAccess>();
  readonly ephemera: Ephemera;
  readonly serviceAccounts: ServiceAccountSupply | undefined;

  constructor(options: HouseOptions) {
    this.log = options.log;
    this.accounts = new Accounts(options);
    this.shelf = new SchemaShelf(options.log);
    this.publicUrl = options.publicUrl;
    this.serviceAccounts = options.serviceAccounts;
    this.now = options.now ?? (() => new Date().toISOString());
    this.ephemera = new Ephemera({ ...this, hasSnapshots: options.snapshots !== undefined });
    this.#kinds = new KindTable(this.shelf);
    this.#parts = {
      kinds: this.#kinds,
      ephemera: this.ephemera,
      computed: new ComputedFeeds(options),
      webhookReach: options.webhookReach ?? 'public',
      publicUrl: options.publicUrl,
      ports: {
        now: this.now,
        newUid: randomUUID,
        random: Math.random,
        serviceAccounts: options.serviceAccounts,
        forbidden: (kind, object, author) => this.#forbidden(kind, object, author),
        namesTaken: (state, definition) => this.namesTaken(state, definition),
      },
    };
  }

  open(pathOrCluster: string): Promise<Workspace | undefined> {
    const account = this.accounts.atHand(pathOrCluster);
    const workspace = account && this.#kinds.knows(account.state.bindings) ? this.#workspaces.get(account) : undefined;
    return workspace ? Promise.resolve(workspace) : this.#find(pathOrCluster);
  }

  async #find(pathOrCluster: string): Promise<Workspace | undefined> {
    const account = await this.accounts.resolve(pathOrCluster);
    if (!account) return undefined;
    const { bindings } = account.state;
    if (bindings.size > 0) await this.shelf.ensure(hashesOf(bindings));
    await this.#kinds.prepare(account.state);
    return this.#workspace(account, await this.#accessOf(account));
  }

  /** The kinds that an account's workspace serves now. */
  async kindsOf(account: AccountActor): Promise<readonly ServedKind[]> {
    await this.shelf.ensure(hashesOf(account.state.bindings));
    await this.#kinds.prepare(account.state);
    return this.#kinds.served(account.state);
  }

  /** What the mesh computes in an account's workspace of a kind that has stored objects, too. */
  async givenIn(account: AccountActor): Promise<(kind: ServedKind) => readonly ObjectRecord[]> {
    const access = await this.#accessOf(account);
    return (kind) => givenOf({ account, access, ports: this.#parts.ports }, kind);
  }

  /** The names that a definition may not have in an account's workspace. */
  namesTaken(state: AccountState, definition: KubeObject): TakenNames {
    return this.#kinds.taken(state, definition);
  }

  /** Applies a provider's report to the instance it is about. @throws LogUnavailable */
  report(report: ProviderReport): Promise<ReportOutcome> {
    return hop('account/decide/report-status.ts', { workspace: report.cluster, resource: report.resource, cause: report.cause }, () =>
      this.#report(report),
    );
  }

  async #report(report: ProviderReport): Promise<ReportOutcome> {
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

  /** A report was set aside: the consumer of the instance learns why it does not show, if it is theirs who reported. @throws LogUnavailable */
  async parked({ cluster, uid, export: name, resource, reason, cause }: ParkedReport): Promise<void> {
    const account = await this.accounts.account(cluster);
    await account.settled();
    const about = account.state.findByUid(uid);
    if (about?.provider?.export !== name || about.key.resource !== resource) return;
    const message = `A report of the provider was not applied: ${reason}`;
    await announce(this, cluster, { about, type: 'Warning', reason: 'ReportParked', message, component: 'tributary-bridge', cause });
  }

  /** An event of an account's stream with what is sealed in it; undefined where the object's key is gone. @throws LogUnavailable */
  async opened(cluster: string, recorded: { readonly data: string }): Promise<AccountEvent | undefined> {
    const { keys } = await this.accounts.account(cluster);
    const uid = sealedUidOf(recorded.data);
    if (uid === undefined) return eventOf(recorded);
    if (!keys.knows(uid)) await keys.fetch(uid);
    return keys.holds(uid) ? decodeEvent(recorded.data, keys) : undefined;
  }

  /** Where a bound API comes from. @throws LogUnavailable */
  async apiExport({ cluster, export: name }: BoundProvider): Promise<KubeObject | undefined> {
    const account = await this.accounts.account(cluster);
    await account.freshen();
    return account.state.find({ group: 'apis.kcp.io', resource: 'apiexports', namespace: '', name })?.object;
  }

  close(): Promise<void> {
    this.ephemera.close();
    return this.accounts.close();
  }

  #workspace(account: AccountActor, access: AccountAccess): Workspace {
    let workspace = this.#workspaces.get(account);
    if (!workspace) this.#workspaces.set(account, (workspace = accountWorkspace(account, access, this.#parts)));
    return workspace;
  }

  /** A binding to an export that is missing, or that one may not bind, draws one and the same answer. */
  async #forbidden(kind: ServedKind, object: KubeObject, author: Author): Promise<string | undefined> {
    if (kind.group !== 'apis.kcp.io' || kind.resource !== 'apibindings') return undefined;
    const { path, name } = exportOf(object);
    // Incomplete references are the schema's business.
    if (path === undefined || name === undefined) return undefined;
    const found = await this.findExport(path, name);
    return found && (await this.#mayBind(found.provider, name, author))
      ? undefined
      : `unable to create APIBinding: no permission to bind to export ${path}:${name}`;
  }

  /** Whoever acts as somebody else was allowed to in their own workspace only: elsewhere, both must have the right. */
  async #mayBind(provider: AccountActor, name: string, author: Author): Promise<boolean> {
    const { rules } = await this.#accessOf(provider);
    const asked = { verb: 'bind', group: 'apis.kcp.io', resource: 'apiexports', namespace: '', name };
    const asking = author.impersonator ? [author, author.impersonator] : [author];
    return asking.every((one) => authorize(abroad(identityOf(one)), asked, rules).type === 'allowed');
  }

  /** An account's owners stand in the Accounts above it and never change, so that they are looked up once. */
  async #accessOf(account: AccountActor): Promise<AccountAccess> {
    const known = this.#access.get(account);
    if (known) return known;
    const access = new AccountAccess(account, await this.#ownersOf(account));
    // Another request may have been faster; listeners must all be with one.
    return this.#access.get(account) ?? (this.#access.set(account, access), access);
  }

  /** Who ordered the account, and who ordered those above it. Users of the server's own own nothing. */
  async #ownersOf(account: AccountActor): Promise<readonly string[]> {
    const { owner } = account.state;
    if (!owner) return [];
    const lineage = await this.accounts.lineageOf(account);
    if (lineage) return lineage.reduce<readonly string[]>((above, { creator }) => withOwner(above, creator), []);
    const parent = await this.accounts.account(owner.cluster);
    await parent.freshen();
    const record = parent.state.find({ group: 'core.platform-mesh.io', resource: 'accounts', namespace: '', name: owner.name });
    const { creator } = (record?.uid === owner.uid ? record.object.spec : {}) as { readonly creator?: string };
    const above = await this.#ownersOf(parent);
    return withOwner(above, creator);
  }

  async findExport(path: string, name: string): Promise<{ readonly provider: AccountActor; readonly apiExport: KubeObject } | undefined> {
    const provider = await this.accounts.resolve(path);
    const record = provider?.state.find({ group: 'apis.kcp.io', resource: 'apiexports', namespace: '', name });
    return provider && record && !record.deleting ? { provider, apiExport: record.object } : undefined;
  }
}

const withOwner = (above: readonly string[], creator = ''): readonly string[] =>
  creator === '' || creator.startsWith('system:') || above.includes(creator) ? above : [creator, ...above];

/** What an APIBinding refers to. */
export function exportOf(binding: KubeObject): { readonly path: string | undefined; readonly name: string | undefined } {
  const spec = binding.spec as
    { readonly reference?: { readonly export?: { readonly path?: string; readonly name?: string } } } | undefined;
  return { path: spec?.reference?.export?.path, name: spec?.reference?.export?.name };
}
