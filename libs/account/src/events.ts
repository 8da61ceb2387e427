import type { BoundProvider, FieldPattern, KubeObject, ResourceKey } from '#kube';

/** Who did it, through which surface, when (RFC 3339, milliseconds), and what it answers to. Stands in every event. */
export type EventAuthor = {
  readonly user: string;
  /** Who acted as `user`, where somebody did. */
  readonly impersonator?: string;
  readonly userAgent: string;
  readonly fieldManager: string;
  readonly at: string;
  /** The Audit-Id of a request, or `<event type>@<position>` of the event that a reaction answers. */
  readonly cause: string;
};

/** What every change of one object says. `object` is the whole object after the change, as it is served, resourceVersion included. */
type Change = {
  readonly key: ResourceKey;
  readonly uid: string;
  readonly object: KubeObject;
  /** The resourceVersion of the object's state before, so that history can be read backwards. Absent on the first. */
  readonly was?: string;
  /** Whose API this is. Absent for the mesh's own kinds. */
  readonly provider?: BoundProvider;
  /** Where the object's schema marks secrets (`format: password`): these stand in the log sealed. Absent on nearly all. */
  readonly secretFields?: readonly FieldPattern[];
  /** The uids of owners that the object no longer names, or whose deletion it no longer blocks: they may wait for this. */
  readonly disowned?: readonly string[];
  readonly by: EventAuthor;
};

/** What happened in one account, in the consumer's words. One event is one change of one object is one resourceVersion. */
export type AccountEvent =
  | {
      readonly type: 'WorkspaceOpened';
      readonly cluster: string;
      readonly path: string;
      readonly owner: WorkspaceOwner | null;
      readonly by: EventAuthor;
    }
  | ({ readonly type: 'ResourceDeclared' } & Change)
  /** Something outside metadata and status changed: the provider has new work. */
  | ({ readonly type: 'SpecRevised' } & Change)
  /** Labels, annotations, owners, finalizers, or who owns which fields changed. */
  | ({ readonly type: 'MetadataRevised' } & Change)
  /** `sequence` is the provider's own counter for this object; absent when the mesh or a client wrote the status. */
  | ({ readonly type: 'StatusReported'; readonly sequence?: string } & Change)
  | ({ readonly type: 'DeletionRequested' } & Change)
  | ({ readonly type: 'ResourceRemoved' } & Change)
  /** `object` is the APIBinding, now Bound. */
  | ({ readonly type: 'ApiBound'; readonly api: BoundApi } & Change)
  /** Serving stops; the binding itself is removed by the ResourceRemoved that follows. */
  | { readonly type: 'ApiUnbound'; readonly binding: string; readonly by: EventAuthor }
  | { readonly type: 'WorkspaceClosing'; readonly by: EventAuthor }
  | { readonly type: 'WorkspaceClosed'; readonly by: EventAuthor };

/** One that is about an object, and carries it as it then was. */
export type ObjectEvent = Extract<AccountEvent, { readonly object: unknown }>;

/** The Account object, in the parent's workspace, that a workspace belongs to. */
export type WorkspaceOwner = { readonly cluster: string; readonly name: string; readonly uid: string };

/** What a binding makes the workspace serve. Schemas are named by content, so that they can be shared and never change. */
export type BoundApi = {
  readonly binding: string;
  readonly provider: BoundProvider;
  readonly resources: readonly BoundResource[];
};

export type BoundResource = {
  readonly group: string;
  readonly resource: string;
  /** Hex SHA-256 of the APIResourceSchema's spec as canonical JSON; its text stands on the stream `schema-<hash>`. */
  readonly schemaHash: string;
  readonly schemaName: string;
  readonly schemaUid: string;
  readonly storageVersions: readonly string[];
};
