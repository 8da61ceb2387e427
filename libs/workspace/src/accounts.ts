import { clusterOfStream, isAccountStream, sideStreamOf, streamOf } from '#account';
import { memoryKeys, type Keys } from '#keys';
import { counter, gauge, histogram } from '#telemetry';
import { AccountActor, type AccountStores, type DecideAccount } from './account-actor.ts';
import { clusterNameOf, rootCluster } from './cluster-name.ts';
import { Held } from './recent-changes.ts';
import { WatchedAccounts } from './watched-accounts.ts';
import { Lineage, type AccountDirectory, type Ancestor } from './lineage.ts';

export type AccountsOptions = AccountStores & {
  /** How many accounts may stay in memory; idle ones beyond it go first. */
  readonly loadedMax?: number;
  /** An account that nobody asked for anything for this long goes from memory. */
  readonly idleMs?: number;
  /** How long the texts of the newest changes may be that all accounts keep at hand together, in characters. Absent: 24 million. */
  readonly changesHeldMax?: number;
  /** Absent: workspaces are found in the states of those above them only. */
  readonly directory?: AccountDirectory;
};

const loadedMaxDefault = 2_000;
const crowdedFrom = 1.25;
/** So many snapshots are kept at the same time when all are: each is a text as long as what its account holds. */
const savedTogether = 4;
/** Someone who was just given an account may be about to use it. */
const graceMs = 1_000;

const noLabels = {};
const loadedNow = gauge({ name: 'tributary_accounts_loaded', help: 'Accounts and side streams that are in memory.' });
const evicted = counter({
  name: 'tributary_accounts_evicted_total',
  help: 'Accounts that went from memory, because nobody asked for them or room was needed.',
});
const loadSeconds = histogram({
  name: 'tributary_account_load_seconds',
  help: 'Time to bring an account into memory, from its snapshot and the events behind it.',
  buckets: [0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.125, 0.25, 0.5, 1, 2, 5],
});

/** The accounts that are in memory, loaded on demand and dropped when idle. */
export class Accounts {
  readonly #options: AccountsOptions;
  readonly keys: Keys;
  readonly #loaded = new Map<string, AccountActor>();
  readonly #loading = new Map<string, Promise<AccountActor>>();
  readonly #clusterOfPath = new Map<string, string>();
  readonly #lineage: Lineage | undefined;
  readonly #sweeper: NodeJS.Timeout;
  #crowd: NodeJS.Timeout | undefined;
  readonly #untrack: () => void;
  /** Absent where no other process appends. */
  readonly #watched: WatchedAccounts | undefined;
  readonly #stores: Parameters<typeof AccountActor.load>[1];

  constructor(options: AccountsOptions) {
    this.#options = options;
    this.#lineage = options.directory && new Lineage(options.directory);
    this.keys = options.keys ?? memoryKeys();
    this.#watched = options.soleWriter ? undefined : new WatchedAccounts(options.log);
    // Whoever asks next gets it loaded anew.
    this.#stores = {
      ...options,
      watched: this.#watched,
      keys: this.keys,
      held: new Held(options.changesHeldMax),
      onLost: (stream) => void this.#loaded.delete(keyOf(stream)),
    };
    this.#sweeper = setInterval(() => this.#evict(), 5_000);
    this.#sweeper.unref();
    this.#untrack = loadedNow.track(noLabels, () => this.#loaded.size);
  }

  /** The account of a cluster name, whether its workspace was ever opened or not. */
  account(cluster: string): Promise<AccountActor> {
    return this.#actor(cluster, streamOf(cluster));
  }

  /** An account's side stream, whether anything was ever written to it or not. */
  side(cluster: string): Promise<AccountActor> {
    const stream = sideStreamOf(cluster);
    return this.#actor(stream, stream);
  }

  isLoaded(side: AccountActor): boolean {
    return this.#loaded.get(side.stream) === side;
  }

  /** Accounts are kept by their clusters' names, side streams by their own: no cluster has such a name. */
  async #actor(key: string, stream: string): Promise<AccountActor> {
    const loaded = this.#loaded.get(key);
    if (loaded) {
      loaded.touch();
      return loaded;
    }
    return this.#loading.get(key) ?? this.#soon(key, () => this.#load(stream));
  }

  /**
   * The account of a cluster that nobody has opened yet, most likely: it is opened without a look into the log. If it was there all the same,
   * the append says so, and `opening` is asked again. Nobody gets it before.
   */
  async begin(cluster: string, opening: DecideAccount<never>): Promise<AccountActor> {
    if (!this.#loaded.has(cluster) && !this.#loading.has(cluster)) {
      const begun = AccountActor.begin(streamOf(cluster), this.#stores);
      // Whoever ordered it comes back later, if at all: until then it is only to be there.
      await this.#soon(cluster, () => begun.submit(opening).then(() => (begun.unparse(), begun))).catch(() => undefined);
    }
    // Where that failed, in the way in which others find it.
    const account = await this.account(cluster);
    if (account.state.phase === 'absent') await account.submit(opening);
    return account;
  }

  #soon(key: string, bring: () => Promise<AccountActor>): Promise<AccountActor> {
    const loading = bring()
      .then((account) => {
        this.#loaded.set(key, account);
        this.#mindCrowd();
        return account;
      })
      .finally(() => this.#loading.delete(key));
    this.#loading.set(key, loading);
    return loading;
  }

  async #load(stream: string): Promise<AccountActor> {
    const beganMs = performance.now();
    const account = await AccountActor.load(stream, this.#stores);
    loadSeconds.observe(noLabels, (performance.now() - beganMs) / 1_000);
    return account;
  }

  /** The account whose workspace has this path or cluster name, unless it was never opened or is gone. */
  async resolve(pathOrCluster: string): Promise<AccountActor | undefined> {
    const isPath = pathOrCluster === rootCluster || pathOrCluster.includes(':');
    if (!isPath) return this.#served(pathOrCluster);
    const wasKnown = this.#clusterOfPath.has(pathOrCluster);
    const account = await this.#served(await this.#clusterOf(pathOrCluster));
    if (account || !wasKnown) return account;
    // Another process may have closed it, and opened another at its place.
    this.#clusterOfPath.delete(pathOrCluster);
    return this.#served(await this.#clusterOf(pathOrCluster));
  }

  async #served(cluster: string | undefined): Promise<AccountActor | undefined> {
    if (cluster === undefined || !/^[a-z0-9]{1,64}$/.test(cluster)) return undefined;
    const account = await this.account(cluster);
    await account.freshen();
    return account.state.phase === 'open' || account.state.phase === 'closing' ? account : undefined;
  }

  /** What `resolve` would answer, where that takes no waiting. Undefined says nothing. */
  atHand(pathOrCluster: string): AccountActor | undefined {
    const isPath = pathOrCluster === rootCluster || pathOrCluster.includes(':');
    const cluster = isPath ? this.#clusterOfPath.get(pathOrCluster) : pathOrCluster;
    const account = cluster === undefined ? undefined : this.#loaded.get(cluster);
    if (!account?.fresh) return undefined;
    const { phase, path } = account.state;
    if (phase !== 'open' || (isPath && path !== pathOrCluster)) return undefined;
    account.touch();
    return account;
  }

  async close(): Promise<void> {
    clearInterval(this.#sweeper);
    clearTimeout(this.#crowd);
    this.#untrack();
    this.#options.retention?.close();
    this.#watched?.close();
    const all = [...this.#loaded.values()];
    for (let from = 0; from < all.length; from += savedTogether)
      await Promise.all(all.slice(from, from + savedTogether).map((account) => account.saveSnapshot(100n)));
  }

  get loadedCount(): number {
    return this.#loaded.size;
  }

  /** Paths are found by walking Accounts from the root: names are unique in their parent's stream. */
  async #clusterOf(path: string): Promise<string | undefined> {
    const known = this.#clusterOfPath.get(path);
    if (known !== undefined) {
      const { state } = await this.account(known);
      if (state.path === path && state.phase === 'open') return known;
      this.#clusterOfPath.delete(path);
    }
    const cluster = (await this.#hinted(path)) ?? (await this.#walk(path));
    if (cluster === undefined) return undefined;
    if (this.#clusterOfPath.size >= 10_000) this.#clusterOfPath.clear();
    this.#clusterOfPath.set(path, cluster);
    return cluster;
  }

  /** What the view says, where the workspace that it leads to says the same. Those between are not loaded for it. */
  async #hinted(path: string): Promise<string | undefined> {
    const parent = path.slice(0, Math.max(0, path.lastIndexOf(':')));
    if (!this.#lineage || parent === '' || this.atHand(parent)) return undefined;
    const cluster = (await this.#lineage.of(path))?.at(-1)?.cluster;
    if (cluster === undefined) return undefined;
    const account = await this.account(cluster);
    await account.freshen();
    if (account.state.path === path && account.state.phase === 'open') return cluster;
    this.#lineage.forget(path);
    return undefined;
  }

  /** The Accounts above an account and its own, from the top down, if the view knows of them. */
  async lineageOf({ state: { path, owner } }: AccountActor): Promise<readonly Ancestor[] | undefined> {
    const ancestors = await this.#lineage?.of(path);
    const own = ancestors?.at(-1);
    return own && own.uid === owner?.uid && own.parent === owner.cluster ? ancestors : undefined;
  }

  async #walk(path: string): Promise<string | undefined> {
    const [root, ...names] = path.split(':');
    if (root !== rootCluster) return undefined;
    let cluster = rootCluster;
    for (const name of names) {
      const parent = await this.account(cluster);
      await parent.freshen();
      const child = parent.state.find({ group: 'core.platform-mesh.io', resource: 'accounts', namespace: '', name });
      if (!child) return undefined;
      cluster = clusterNameOf(child.uid);
    }
    return cluster;
  }

  /** Thousands may come between two looks of the sweeper. */
  #mindCrowd(): void {
    const { loadedMax = loadedMaxDefault } = this.#options;
    if (this.#loaded.size <= loadedMax * crowdedFrom) return;
    this.#crowd ??= setTimeout(() => {
      this.#crowd = undefined;
      this.#evict();
    }, graceMs / 4).unref();
  }

  /** Somebody had it in hand, and follows it now. */
  #takeBack(key: string, account: AccountActor): boolean {
    if (this.#loaded.has(key) || this.#loading.has(key)) return false;
    this.#loaded.set(key, account);
    return true;
  }

  #evict(): void {
    const { loadedMax = loadedMaxDefault, idleMs = 30_000 } = this.#options;
    const now = performance.now();
    const idle = [...this.#loaded].filter(([, account]) => account.idle).sort(([, a], [, b]) => a.usedAt - b.usedAt);
    const surplus = this.#loaded.size - loadedMax;
    for (const [index, [cluster, account]] of idle.entries()) {
      if (now - account.usedAt < (index < surplus ? graceMs : idleMs)) return;
      this.#loaded.delete(cluster);
      evicted.add(noLabels);
      account.saveSnapshotSoon(100n);
      account.leave(() => this.#takeBack(cluster, account));
    }
  }
}

/** Accounts are kept by their clusters' names, side streams by their own. */
const keyOf = (stream: string): string => (isAccountStream(stream) ? clusterOfStream(stream) : stream);
