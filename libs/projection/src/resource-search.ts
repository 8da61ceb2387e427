import type { Health, HealthWord, KubeObject, LabelRequirement, Turn } from '#kube';
import type { ResourceRow } from './views/resources.ts';

/** What is asked of the objects of many workspaces. Everything given has to hold. */
export type ResourceQuery = {
  /** The clusters that whoever asks may see. `all` is for those who may see everything: who that is, the caller knows. */
  readonly clusters: readonly string[] | 'all';
  /** In other clusters, the kinds that whoever asks may see there. */
  readonly kinds?: readonly KindInCluster[];
  readonly group?: string;
  /** Lower-case plural. */
  readonly resource?: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly uid?: string;
  readonly labels?: readonly LabelRequirement[];
  readonly health?: readonly HealthWord[];
  readonly turn?: readonly Turn[];
  readonly ready?: readonly NonNullable<ResourceRow['ready']>[];
  /** The user who declared it. */
  readonly creator?: string;
  /** The uid of one whom it depends on. */
  readonly owner?: string;
  /** Words that stand, or begin, in names, labels or the spec: all of them. */
  readonly text?: string;
};

export type KindInCluster = { readonly cluster: string; readonly group: string; readonly resource: string };

/** What a page is sorted by. What is equal in it is in order of cluster, group, resource, namespace and name, always. */
export type ResourceOrder = { readonly by: ResourceSortKey; readonly descending?: boolean };
export type ResourceSortKey = 'name' | 'kind' | 'namespace' | 'cluster' | 'created' | 'health' | 'since' | 'creator';

export type ResourcePaging = {
  readonly order?: ResourceOrder;
  /** 1 to 1,000. */
  readonly limit: number;
  /** `next` of the page before, asked in the same order. */
  readonly after?: string;
};

export type ResourcePage =
  | {
      readonly type: 'page';
      readonly found: readonly FoundResource[];
      /** Absent on the last page. */
      readonly next?: string;
    }
  /** `after` is not of a page in this order. */
  | { readonly type: 'refused'; readonly message: string };

export type FoundResource = Pick<
  ResourceRow,
  'cluster' | 'group' | 'resource' | 'namespace' | 'name' | 'kind' | 'uid' | 'creator' | 'ready' | 'providerCluster' | 'providerExport'
> & {
  /** Of the workspace; null where it is closed by now. */
  readonly path: string | null;
  readonly health: Health;
  /** In the version in which it is kept, without managedFields, kubectl's copy, and secrets. */
  readonly object: KubeObject;
};

/** `more`: there are others than these. */
export type ClustersFound = { readonly clusters: readonly string[]; readonly more: boolean };

/** The same of kinds. */
export type KindsFound = { readonly kinds: readonly KindInCluster[]; readonly more: boolean };

/** Finds objects of all workspaces, as far as the view is. Wait for a position first to read your own writes. */
export interface ResourceSearch {
  /** A page begins behind the last object of the page before, whatever has come and gone meanwhile. @throws ViewsUnavailable */
  find(query: ResourceQuery, paging: ResourcePaging): Promise<ResourcePage>;
  /** Those of the workspace at `path`, and of all below it, that have objects like these. @throws ViewsUnavailable */
  clusters(query: Omit<ResourceQuery, 'clusters'>, path: string, limit: number): Promise<ClustersFound>;
  /** The kinds of which there are objects like these, cluster by cluster. @throws ViewsUnavailable */
  kinds(query: ResourceQuery, limit: number): Promise<KindsFound>;
  /** @throws ViewsUnavailable */
  count(query: ResourceQuery): Promise<number>;
}
