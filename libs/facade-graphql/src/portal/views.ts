import type { Health, HealthWord, Json, KubeObject, LabelRequirement, ResourceKey, Turn } from '#kube';

/** What is asked of views: what spans workspaces, and what has been. Whoever composes the process passes in where it stands. */
export interface Views {
  readonly history: PastChanges;
  readonly instances: Instances;
  /** Waits until a view has everything that was written before this was asked. @throws Error that means an outage */
  caughtUp(view: 'history' | 'resources', deadlineMs: number): Promise<'reached' | 'behind'>;
}

/** The changes of one object. Secrets are never shown. */
export interface PastChanges {
  /** Newest first, of revisions below `below`; at most 200. */
  entries(query: ChangesQuery): Promise<readonly PastChange[]>;
}

export type ChangesQuery = {
  readonly cluster: string;
  readonly key: ResourceKey;
  /** RFC 3339, both inclusive. */
  readonly from?: string;
  readonly to?: string;
  readonly below?: bigint;
  readonly limit: number;
};

export type PastChange = {
  /** The resourceVersion less one. */
  readonly revision: bigint;
  readonly uid: string;
  readonly type: string;
  readonly generation: number | null;
  /** RFC 3339. */
  readonly at: string;
  readonly user: string;
  readonly impersonator: string | null;
  readonly userAgent: string;
  readonly fieldManager: string;
  readonly cause: string;
  /** Null where the log keeps the states no more. */
  readonly diff: { readonly changes: readonly ChangedField[]; readonly more: boolean } | null;
};

export type ChangedField = { readonly path: readonly string[]; readonly before?: Json; readonly after?: Json; readonly shortened?: true };

/** Objects of many workspaces. */
export interface Instances {
  /** The clusters, of the workspace at `path` and all below it, that have objects like these; `more`: there are others. */
  clusters(query: InstanceQuery, path: string, limit: number): Promise<{ readonly clusters: readonly string[]; readonly more: boolean }>;
  /** The kinds of which these clusters have objects like these. */
  kinds(query: InstanceQuery & Scope, limit: number): Promise<{ readonly kinds: readonly KindInCluster[]; readonly more: boolean }>;
  find(query: InstanceQuery & Scope, paging: InstancePaging): Promise<InstancePage>;
  count(query: InstanceQuery & Scope): Promise<number>;
}

/** What whoever asks may see: all of some clusters, and some kinds of others. */
export type Scope = { readonly clusters: readonly string[]; readonly kinds?: readonly KindInCluster[] };
export type KindInCluster = { readonly cluster: string; readonly group: string; readonly resource: string };

export type InstanceQuery = {
  readonly group?: string;
  readonly resource?: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly labels?: readonly LabelRequirement[];
  readonly health?: readonly HealthWord[];
  readonly turn?: readonly Turn[];
  readonly ready?: readonly ('True' | 'False' | 'Unknown')[];
  readonly creator?: string;
  /** A uid. */
  readonly owner?: string;
  readonly text?: string;
};

export const instanceOrders = ['name', 'kind', 'namespace', 'cluster', 'created', 'health', 'since', 'creator'] as const;

export type InstancePaging = {
  readonly order: { readonly by: (typeof instanceOrders)[number]; readonly descending: boolean };
  readonly limit: number;
  readonly after?: string;
};

export type InstancePage =
  | { readonly type: 'page'; readonly found: readonly FoundInstance[]; readonly next?: string }
  | { readonly type: 'refused'; readonly message: string };

export type FoundInstance = {
  readonly cluster: string;
  readonly path: string | null;
  readonly group: string;
  readonly resource: string;
  readonly namespace: string;
  readonly name: string;
  readonly kind: string;
  readonly uid: string;
  readonly creator: string;
  readonly ready: 'True' | 'False' | 'Unknown' | null;
  readonly providerExport: string | null;
  readonly health: Health;
  readonly object: KubeObject;
};
