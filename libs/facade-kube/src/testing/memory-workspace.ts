import {
  applyJsonPatch,
  applyMergePatch,
  type JsonObject,
  type KubeObject,
  type ObjectMeta,
  type ResourceKey,
  type ServedKind,
} from '#kube';
import { accessRules, type AccessRules, type RbacObjects } from '#access';
import type { Refusal } from '#account';
import type {
  CreateRequest,
  DeleteOutcome,
  DeleteRequest,
  GetRequest,
  ListOutcome,
  FollowOutcome,
  ListRequest,
  PastOutcome,
  PatchRequest,
  StoredObject,
  UpdateRequest,
  WatchEvent,
  WatchOutcome,
  WatchRequest,
  WatchSink,
  Workspace,
  Workspaces,
  WriteOutcome,
} from '#workspace';
import { servedKinds } from './widget-kinds.ts';

type Change = {
  readonly position: bigint;
  readonly key: string;
  readonly before: StoredObject | undefined;
  readonly after: StoredObject | undefined;
};
type Watcher = { readonly request: WatchRequest; readonly sink: WatchSink };

/** A workspace without rules of its own: enough of the port to show what a facade makes of its answers. */
export class MemoryWorkspace implements Workspace {
  readonly cluster = 'c1';
  readonly path: string;
  readonly watchers = new Set<Watcher>();
  /** Positions below this can no longer be read. */
  oldest = 1n;
  kinds: readonly ServedKind[] = servedKinds;
  /** What every verb throws, while set. */
  outage: Error | undefined;
  #rbac: RbacObjects = { roles: [], clusterRoles: [], roleBindings: [], clusterRoleBindings: [] };
  #rules = accessRules(this.#rbac);
  readonly #listeners = new Set<() => void>();
  #position = 1n;
  #changes: Change[] = [];

  constructor(path: string) {
    this.path = path;
  }

  served(): readonly ServedKind[] {
    return this.kinds;
  }

  access(): AccessRules {
    return this.#rules;
  }

  vouchesFor(): boolean {
    return false;
  }

  onAccessChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Replaces roles and bindings, and tells whoever follows them. */
  grant(objects: Partial<RbacObjects>): void {
    this.#rbac = { ...this.#rbac, ...objects };
    this.#rules = accessRules(this.#rbac);
    for (const listener of this.#listeners) listener();
  }

  position(): bigint {
    return this.#position;
  }

  positionOf(): Promise<bigint> {
    return Promise.resolve(this.#position);
  }

  create(request: CreateRequest): Promise<WriteOutcome> {
    const { kind, body, namespace } = request;
    const name = body.metadata.name ?? '';
    const key = keyOf(kind, namespace, name);
    const strict = strictFaults(request);
    if (strict.refusal !== undefined) return refused(strict.refusal, strict.warnings);
    if (body.apiVersion !== apiVersionOf(request))
      return refused({
        type: 'RequestMalformed',
        message: `the API version in the data (${body.apiVersion}) does not match the expected API version (${apiVersionOf(request)})`,
      });
    if (name === '')
      return refused({
        type: 'ObjectInvalid',
        group: kind.group,
        kind: kind.kind,
        name,
        causes: [{ reason: 'FieldValueRequired', message: 'Required value: name or generateName is required', field: 'metadata.name' }],
      });
    if (this.#find(kind, namespace, name) !== undefined) return refused({ type: 'ResourceExists', key });
    const metadata = {
      ...body.metadata,
      ...(namespace === '' ? {} : { namespace }),
      uid: `uid-${this.#position}`,
      generation: 1,
      creationTimestamp: new Date().toISOString().replace(/\.\d+/, ''),
    };
    return this.#commit(request, { before: undefined, object: { ...body, metadata }, created: true }, strict.warnings);
  }

  get({ kind, namespace, name }: GetRequest): Promise<StoredObject | undefined> {
    return this.outage === undefined ? Promise.resolve(this.#find(kind, namespace, name)) : Promise.reject(this.outage);
  }

  list({ kind, namespace, selector, at }: ListRequest): Promise<ListOutcome> {
    if (at !== undefined && at < this.oldest) return Promise.resolve({ type: 'expired', oldest: this.oldest });
    return Promise.resolve({
      type: 'listed',
      items: this.#objects(kind, namespace, at).filter((object) => selector === undefined || selector(object)),
      position: at ?? this.#position,
    });
  }

  follow(): Promise<FollowOutcome> {
    return Promise.resolve({ type: 'expired', oldest: this.oldest });
  }

  past(): Promise<PastOutcome> {
    return Promise.resolve({ type: 'expired', oldest: this.oldest });
  }

  watch(request: WatchRequest, sink: WatchSink): Promise<WatchOutcome> {
    const { kind, namespace, selector, after } = request;
    if (after !== undefined && after < this.oldest) return Promise.resolve({ type: 'expired', oldest: this.oldest });
    const watcher = { request, sink };
    let stopped = false;
    const started = {
      type: 'watching',
      position: this.#position,
      stop: () => {
        stopped = true;
        this.watchers.delete(watcher);
      },
      progress: () => this.#position,
    } as const;
    setImmediate(() => {
      if (stopped) return;
      if (after !== undefined) for (const change of this.#changes) if (change.position > after) this.#tell(watcher, change);
      this.watchers.add(watcher);
    });
    if (after !== undefined) return Promise.resolve(started);
    return Promise.resolve({
      ...started,
      initial: this.#objects(kind, namespace).filter((object) => selector === undefined || selector(object)),
    });
  }

  update(request: UpdateRequest): Promise<WriteOutcome> {
    const { kind, namespace, name, body } = request;
    const before = this.#find(kind, namespace, name);
    const key = keyOf(kind, namespace, name);
    if (before === undefined) return refused({ type: 'ResourceUnknown', key });
    if (body.metadata.resourceVersion !== undefined && body.metadata.resourceVersion !== before.object.metadata.resourceVersion)
      return refused({ type: 'ResourceMoved', key });
    const object = request.subresource === 'status' ? { ...before.object, status: body.status } : body;
    return this.#commit(request, {
      before,
      object: { ...object, metadata: { ...before.object.metadata, ...object.metadata } } as KubeObject,
      created: false,
    });
  }

  patch(request: PatchRequest): Promise<WriteOutcome> {
    const { kind, namespace, name, patch } = request;
    const before = this.#find(kind, namespace, name);
    if (patch.type === 'apply') return refused({ type: 'ConfigurationUnfit', message: 'this workspace merges nothing' });
    if (before === undefined) return refused({ type: 'ResourceUnknown', key: keyOf(kind, namespace, name) });
    const target = before.object as JsonObject;
    const result = patch.type === 'json' ? applyJsonPatch(target, patch.operations) : applyMergePatch(target, patch.patch);
    if (result.type === 'malformed') return refused({ type: 'RequestMalformed', message: result.message });
    if (result.type === 'unfitting') return refused({ type: 'PatchUnfitting', message: result.message });
    const { object } = result;
    if (JSON.stringify(object) === JSON.stringify(target))
      return Promise.resolve({ type: 'committed', object: before, created: false, warnings: [] });
    return this.#commit(request, { before, object: object as unknown as KubeObject, created: false });
  }

  delete({ kind, namespace, name, dryRun, preconditions }: DeleteRequest): Promise<DeleteOutcome> {
    const object = this.#find(kind, namespace, name);
    const key = keyOf(kind, namespace, name);
    if (object === undefined) return Promise.resolve({ type: 'refused', refusal: { type: 'ResourceUnknown', key } });
    if (preconditions?.uid !== undefined && preconditions.uid !== object.uid) {
      const message = `the UID in the precondition (${preconditions.uid}) does not match the UID in record (${object.uid}). The object might have been deleted and then recreated`;
      return Promise.resolve({ type: 'refused', refusal: { type: 'PreconditionFailed', key, kind: kind.kind, message } });
    }
    if ((object.object.metadata.finalizers ?? []).length > 0) return Promise.resolve({ type: 'terminating', object });
    if (!dryRun) this.#record({ key: rowKey(kind, namespace, name), before: object, after: undefined });
    return Promise.resolve({ type: 'removed', object });
  }

  #find(kind: ServedKind, namespace: string, name: string): StoredObject | undefined {
    const key = rowKey(kind, namespace, name);
    return this.#changes.findLast((change) => change.key === key)?.after;
  }

  #objects(kind: ServedKind, namespace: string, at = this.#position): StoredObject[] {
    const rows = new Map<string, StoredObject | undefined>();
    for (const { key, after, position } of this.#changes)
      if (position <= at && key.startsWith(`${kind.group}/${kind.resource}/`)) rows.set(key, after);
    return [...rows.values()]
      .filter((object) => object !== undefined)
      .filter((object) => namespace === '' || object.namespace === namespace)
      .sort((a, b) => (a.namespace === b.namespace ? (a.name < b.name ? -1 : 1) : a.namespace < b.namespace ? -1 : 1));
  }

  #commit(
    request: CreateRequest | UpdateRequest | PatchRequest,
    write: { before: StoredObject | undefined; object: KubeObject; created: boolean },
    warnings: readonly string[] = [],
  ): Promise<WriteOutcome> {
    if (this.outage !== undefined) return Promise.reject(this.outage);
    const { kind, namespace, dryRun } = request;
    const { before, object, created } = write;
    const name = object.metadata.name ?? '';
    const stored = storedObject(
      { ...object, metadata: { ...object.metadata, ...(dryRun ? {} : { resourceVersion: String(this.#position + 1n) }) } },
      this.#position + 1n,
    );
    if (!dryRun) this.#record({ key: rowKey(kind, namespace, name), before, after: stored });
    return Promise.resolve({ type: 'committed', object: stored, created, warnings });
  }

  #record(change: Omit<Change, 'position'>): void {
    this.#position += 1n;
    const recorded = { ...change, position: this.#position };
    this.#changes.push(recorded);
    for (const watcher of this.watchers) this.#tell(watcher, recorded);
  }

  #tell({ request, sink }: Watcher, { key, before, after, position }: Change): void {
    const { kind, namespace, selector, after: start } = request;
    if (
      (start !== undefined && position <= start) ||
      !key.startsWith(`${kind.group}/${kind.resource}/${namespace === '' ? '' : `${namespace}/`}`)
    )
      return;
    const selects = (object: StoredObject | undefined): object is StoredObject =>
      object !== undefined && (selector === undefined || selector(object));
    const event = eventOf({ before, after, selects }, position);
    if (event !== undefined) sink.events([event]);
  }
}

/** One workspace at `root:acme`, which is also found by its cluster name. */
export class MemoryWorkspaces implements Workspaces {
  readonly acme = new MemoryWorkspace('root:acme');
  /** How long it takes to find a workspace. */
  delayMs = 0;
  /** What finding one waits for, while set. */
  held: Promise<void> | undefined;

  async open(pathOrCluster: string): Promise<Workspace | undefined> {
    await this.held;
    if (this.delayMs > 0) await new Promise((resolve) => setTimeout(resolve, this.delayMs));
    return pathOrCluster === this.acme.path || pathOrCluster === this.acme.cluster ? this.acme : undefined;
  }
}

export function storedObject(object: KubeObject, position: bigint): StoredObject {
  const metadata: ObjectMeta = object.metadata;
  return {
    namespace: metadata.namespace ?? '',
    name: metadata.name ?? '',
    uid: metadata.uid ?? '',
    position,
    labels: metadata.labels ?? {},
    text: JSON.stringify(object),
    object,
  };
}

type Seen = {
  readonly before: StoredObject | undefined;
  readonly after: StoredObject | undefined;
  readonly selects: (object: StoredObject | undefined) => object is StoredObject;
};

function eventOf({ before, after, selects }: Seen, position: bigint): WatchEvent | undefined {
  if (selects(after)) return { type: selects(before) ? 'MODIFIED' : 'ADDED', object: after, position };
  if (!selects(before)) return undefined;
  const metadata = { ...before.object.metadata, resourceVersion: String(position) };
  return { type: 'DELETED', object: storedObject({ ...before.object, metadata }, position), position };
}

function strictFaults({ kind, version, duplicateFields, fieldValidation }: CreateRequest): {
  readonly refusal?: Refusal;
  readonly warnings: readonly string[];
} {
  const faults = duplicateFields.map((path) => `duplicate field ${JSON.stringify(path)}`);
  if (faults.length === 0 || fieldValidation === 'Ignore') return { warnings: [] };
  if (fieldValidation === 'Warn') return { warnings: faults };
  const message = `${kind.kind} in version ${JSON.stringify(version)} cannot be handled as a ${kind.kind}: strict decoding error: ${faults.join(', ')}`;
  return { refusal: { type: 'RequestMalformed', message }, warnings: [] };
}

const refused = (refusal: Refusal, warnings: readonly string[] = []): Promise<WriteOutcome> =>
  Promise.resolve({ type: 'refused', refusal, warnings });
const rowKey = ({ group, resource }: ServedKind, namespace: string, name: string): string => `${group}/${resource}/${namespace}/${name}`;
const keyOf = ({ group, resource }: ServedKind, namespace: string, name: string): ResourceKey => ({ group, resource, namespace, name });
const apiVersionOf = ({ kind, version }: { readonly kind: ServedKind; readonly version: string }): string =>
  kind.group === '' ? version : `${kind.group}/${version}`;
