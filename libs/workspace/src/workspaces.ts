import type { AccessRules, ServiceAccountClaim } from '#access';
import type { Refusal } from '#account';
import type { Applied, KubeObject, ManagedFields, ServedKind } from '#kube';

/** What a facade asks of the house. Verbs answer values; they throw only for outages (`LogUnavailable`) and bugs. */
export interface Workspaces {
  /** Finds a workspace by its path (`root:orgs:acme`) or its cluster name. Answers undefined where none is, or where it is gone. */
  open(pathOrCluster: string): Promise<Workspace | undefined>;
}

/** One workspace and its verbs. Holds no resources: it may be kept or dropped at will. */
export interface Workspace {
  readonly cluster: string;
  readonly path: string;
  /** The kinds served now, in order of priority (core group first). The same array as long as nothing changes, shared where equal. */
  served(): readonly ServedKind[];
  /** The workspace's present position; what a list answers as its resourceVersion. */
  position(): bigint;
  /** Who may do what here now. The same value as long as nothing about that changes. */
  access(): AccessRules;
  /** Whether a token's ServiceAccount, and what the token is bound to, are here now. */
  vouchesFor(claim: ServiceAccountClaim): boolean;
  /** Calls back, synchronously, whenever `access` may say something else than before. Answers how to end it. */
  onAccessChange(listener: () => void): () => void;
  /** The same in the number space of a kind: what is not meant to last has positions of its own. */
  positionOf(kind: ServedKind): Promise<bigint>;
  create(request: CreateRequest): Promise<WriteOutcome>;
  get(request: GetRequest): Promise<StoredObject | undefined>;
  list(request: ListRequest): Promise<ListOutcome>;
  /** Objects as they were, from the log: for kinds whose objects stand in it. */
  past(request: PastRequest): Promise<PastOutcome>;
  watch(request: WatchRequest, sink: WatchSink): Promise<WatchOutcome>;
  /** Everything that happens to objects of any kind, after a position or from now on; not to those that are not meant to last. */
  follow(after: bigint | undefined, sink: WorkspaceEventSink): Promise<FollowOutcome>;
  update(request: UpdateRequest): Promise<WriteOutcome>;
  patch(request: PatchRequest): Promise<WriteOutcome>;
  delete(request: DeleteRequest): Promise<DeleteOutcome>;
}

/** An object as of one position, in the version asked for. Immutable. */
export interface StoredObject {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly position: bigint;
  readonly labels: Readonly<Record<string, string>>;
  /** The JSON text that is served, resourceVersion included. Made once per version of the object. */
  readonly text: string;
  /** The parsed object; parses on demand, do not change it. */
  readonly object: KubeObject;
}

/** Who asks, through what. Recorded in every event. */
export type Author = {
  readonly user: string;
  readonly groups: readonly string[];
  readonly uid?: string;
  readonly extra?: Readonly<Record<string, readonly string[]>>;
  /** Who acts as `user`, where somebody does. Their rights in other workspaces are asked for too. */
  readonly impersonator?: { readonly user: string; readonly groups: readonly string[] };
  readonly userAgent: string;
  readonly fieldManager: string;
  /** The Audit-Id of the request, or what else caused this. */
  readonly cause: string;
};

type AskedAs = {
  /** As what was written, where that is another kind than the one that is kept: Events have two. Policies see it. */
  readonly askedAs?: ServedKind;
};

export type FieldValidation = 'Ignore' | 'Warn' | 'Strict';

type WriteRequest = AskedAs & {
  readonly kind: ServedKind;
  readonly version: string;
  readonly namespace: string;
  readonly author: Author;
  readonly dryRun: boolean;
  readonly fieldValidation: FieldValidation;
  /** `status` for the /status endpoint; `finalize` for /finalize, which takes updates only. */
  readonly subresource?: 'status' | 'finalize';
};

/** `body` is the decoded request body, untrusted: apiVersion, kind, names and schema are checked by the verb. */
export type CreateRequest = WriteRequest & { readonly body: KubeObject; readonly duplicateFields: readonly string[] };
export type UpdateRequest = CreateRequest & MayCreate & { readonly name: string };
export type PatchRequest = WriteRequest & MayCreate & { readonly name: string; readonly patch: Patch; readonly shape?: PatchedShape };

type MayCreate = {
  /** Asked where the object would come into being: why the author may not create it, as a whole sentence. Undefined: they may. */
  readonly whyNotCreate?: () => string | undefined;
};

/** The shape in which a patch sees the object, where that is another than `kind` keeps. */
export type PatchedShape = {
  /** As what policies see the write, where the shape is an endpoint of its own. */
  readonly endpoint?: { readonly subresource: string; readonly group: string; readonly version: string; readonly kind: string };
  readonly kind: ServedKind;
  readonly show: (object: KubeObject) => KubeObject;
  /** Why what a patch has made of what it saw is kept by nobody, as a whole sentence. Absent: all is. */
  readonly fault?: (object: KubeObject) => string | undefined;
  /** `present` is the object that the patch did not see. */
  readonly keep: (object: KubeObject, present: KubeObject) => KubeObject;
  /** Who owns the fields of `present` after a patch made `object` of what it saw. Absent: whoever wrote owns what changed. */
  readonly owners?: (object: KubeObject, present: KubeObject, by: FieldWriter) => ManagedFields;
  /** Server-side apply in this shape: what comes of it is of the shape, whose fields are `present`'s. Absent: it takes none. */
  readonly apply?: (config: KubeObject, present: KubeObject, by: FieldWriter & { readonly force: boolean }) => Applied;
};

/** Who comes to own what a write sets. `at`: RFC 3339. */
export type FieldWriter = { readonly fieldManager: string; readonly at: string };
export type Patch =
  | { readonly type: 'merge' | 'strategic'; readonly patch: unknown; readonly duplicateFields: readonly string[] }
  | { readonly type: 'json'; readonly operations: unknown }
  /** Server-side apply. The object is created where there is none. */
  | {
      readonly type: 'apply';
      /** The decoded body, untrusted; its metadata is an object. */
      readonly config: KubeObject;
      readonly force: boolean;
      /** What fields that stand twice are refused with under Strict, and warned of otherwise. */
      readonly duplicates?: string;
    };

export type DeleteRequest = AskedAs & {
  readonly kind: ServedKind;
  readonly version: string;
  readonly namespace: string;
  readonly name: string;
  readonly author: Author;
  readonly dryRun: boolean;
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
  /** What becomes of those that depend on it. Absent: as the object's own finalizers say, otherwise Background. */
  readonly propagation?: 'Background' | 'Foreground' | 'Orphan';
};

export type WriteOutcome =
  /** `created` tells 201 from 200. After a dry run `object` has no resourceVersion where it would have been created. */
  | ({ readonly type: 'committed'; readonly object: StoredObject; readonly created: boolean } & Remarks)
  | ({ readonly type: 'refused'; readonly refusal: Refusal } & Remarks);

/** What is to be said beside the outcome. */
export type Remarks = {
  readonly warnings: readonly string[];
  /** What policies note in the audit log of the request, by key. Absent: nothing. */
  readonly auditAnnotations?: AuditAnnotations;
};

export type AuditAnnotations = Readonly<Record<string, string>>;

export type DeleteOutcome =
  /** Gone at once: answered as Status Success with the uid. */
  | ({ readonly type: 'removed'; readonly object: StoredObject } & Partial<Remarks>)
  /** Waits for finalizers: answered as the object. */
  | ({ readonly type: 'terminating'; readonly object: StoredObject } & Partial<Remarks>)
  | ({ readonly type: 'refused'; readonly refusal: Refusal } & Partial<Remarks>);

export type GetRequest = {
  readonly kind: ServedKind;
  readonly version: string;
  readonly namespace: string;
  readonly name: string;
};

/** Keeps what it answers true for. `undefined` selects all. */
export type Selector = (object: Pick<StoredObject, 'namespace' | 'name' | 'labels' | 'object'>) => boolean;

export type ListRequest = {
  readonly kind: ServedKind;
  readonly version: string;
  /** '' means all namespaces (or a cluster-scoped kind). */
  readonly namespace: string;
  readonly selector?: Selector;
  /** As of which position: the pages of one list are one snapshot. Absent means now. */
  readonly at?: bigint;
};

export type ListOutcome =
  /** Sorted by namespace, then name. All of them: paging is the facade's. */
  | { readonly type: 'listed'; readonly items: readonly StoredObject[]; readonly position: bigint }
  /** That position can no longer be read. */
  | { readonly type: 'expired'; readonly oldest: bigint };

export type PastRequest = Omit<ListRequest, 'at'> & {
  /** Only this one. */
  readonly name?: string;
  /** A position, or a time (RFC 3339). */
  readonly at: bigint | string;
};

export type PastOutcome =
  | Extract<ListOutcome, { type: 'listed' | 'expired' }>
  /** That position is still to come. */
  | { readonly type: 'ahead'; readonly position: bigint }
  /** More has happened since than is read for one answer. */
  | { readonly type: 'tooFar'; readonly changes: number };

export type WatchRequest = {
  readonly kind: ServedKind;
  readonly version: string;
  readonly namespace: string;
  readonly selector?: Selector;
  /** Changes after this position. Absent: begins with the present objects (`initial`). */
  readonly after?: bigint;
  /** Whether events tell the state before them, for who selects by a form in which objects are not kept. */
  readonly showsBefore?: boolean;
};

export type WatchEvent = {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  /** The state after the change; for DELETED the last state, at the deletion's position. */
  readonly object: StoredObject;
  /** Set where the request asks for it, and there was one. */
  readonly before?: StoredObject;
  readonly position: bigint;
};

/** Called synchronously, in order, never after `stop`. A selector's transitions have already become ADDED and DELETED. */
export interface WatchSink {
  events(batch: readonly WatchEvent[]): void;
  /** The stream ends here: the workspace or the kind is gone, history was lost, or `failure` keeps it from going on. */
  ended(failure?: unknown): void;
}

export type WatchOutcome =
  /** `initial` is set where the request had no `after`: the objects as of `position`, sorted. Later events go to the sink, none before this resolves. */
  | {
      readonly type: 'watching';
      readonly initial?: readonly StoredObject[];
      readonly position: bigint;
      readonly stop: () => void;
      readonly progress: () => bigint;
    }
  | { readonly type: 'expired'; readonly oldest: bigint };

/** What happened to an object, in the version in which it is kept. */
export type WorkspaceEvent = {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly group: string;
  /** Lower-case plural. */
  readonly resource: string;
  /** The state after the change; for DELETED the last state. */
  readonly object: StoredObject;
  readonly position: bigint;
  /** Whether the kind is a provider's. */
  readonly isBound: boolean;
};

/** Called synchronously, in order, never after `stop`. */
export interface WorkspaceEventSink {
  events(batch: readonly WorkspaceEvent[]): void;
  /** The workspace is gone. */
  ended(): void;
}

export type FollowOutcome =
  | { readonly type: 'following'; readonly position: bigint; readonly stop: () => void }
  /** That position can no longer be read, or too much has happened since. */
  | { readonly type: 'expired'; readonly oldest: bigint };
