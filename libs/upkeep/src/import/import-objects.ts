import type { JsonObject, KubeObject, OwnerReference } from '#kube';
import { incoming, ownersOf, type PortableOwner } from '../export/portable.ts';
import { differsAt } from './differs-at.ts';
import { importManager, type ImportTarget, type Place, type TargetKind, type Written } from './import-target.ts';
import { KnownKinds } from './known-kinds.ts';
import type { ReadItem } from './read-objects.ts';

export type ImportedItem = {
  /** `unchanged`: it was there already, as the file has it. `unchecked`: of a dry run, what hangs on something that was not really created. */
  readonly type: 'created' | 'completed' | 'unchanged' | 'unchecked' | 'refused';
  /** `ConfigMap default/settings`, or where it stands in the file. */
  readonly what: string;
  readonly reason?: string;
};

export type ImportOptions = {
  readonly target: ImportTarget;
  readonly dryRun: boolean;
  readonly report: (item: ImportedItem) => void;
};

/** How many objects are on their way at a time. */
const inFlightMax = 16;

/**
 * Creates what is not there. What is there stays as it is: where it differs, that is reported. A second run completes what a first one
 * has begun, and then does nothing. @throws Error where the workspace cannot be reached
 */
export async function importObjects(items: AsyncIterable<ReadItem>, options: ImportOptions): Promise<void> {
  const run = new ImportRun(options);
  const inFlight = new Set<Promise<void>>();
  let failure: { readonly cause: unknown } | undefined;
  const settle = async (countMax: number): Promise<void> => {
    while (inFlight.size > countMax) await Promise.race(inFlight);
    if (failure) throw failure.cause;
  };
  for await (const item of items) {
    if (item.type === 'unreadable') {
      options.report({ type: 'refused', what: `line ${item.line}`, reason: item.reason });
      continue;
    }
    const isGround = groundKinds.has(item.object.kind);
    await settle(isGround ? 0 : inFlightMax - 1);
    const one: Promise<void> = run
      .bring(item.object)
      .catch((cause: unknown) => void (failure ??= { cause }))
      .finally(() => inFlight.delete(one));
    inFlight.add(one);
    if (isGround) await settle(0);
  }
  await settle(0);
  await run.relate();
}

/** Others stand on these: they are created one after another, and before what follows. */
const groundKinds: ReadonlySet<string> = new Set([
  'CustomResourceDefinition',
  'APIResourceSchema',
  'APIExport',
  'APIBinding',
  'Namespace',
  'ResourceQuota',
  'ValidatingAdmissionPolicy',
  'ValidatingAdmissionPolicyBinding',
]);

type Related = { readonly place: Place; readonly owners: readonly PortableOwner[]; readonly what: string; readonly isNew: boolean };

class ImportRun {
  readonly #options: ImportOptions;
  readonly #kinds: KnownKinds;
  /** Namespaces that a dry run has not really created. */
  readonly #unmade = new Set<string>();
  /** By `ownerKey`: the uid that each object has now. */
  readonly #uids = new Map<string, string>();
  /** Whose owners were not there yet. */
  readonly #related: Related[] = [];

  constructor(options: ImportOptions) {
    this.#options = options;
    this.#kinds = new KnownKinds(options.target);
  }

  async bring(sent: KubeObject): Promise<void> {
    const { dryRun, target, report } = this.#options;
    const { status, ...object } = incoming(sent);
    const what = `${object.kind} ${sent.metadata.namespace === undefined ? '' : `${sent.metadata.namespace}/`}${sent.metadata.name ?? ''}`;
    const kind = await this.#kinds.of(sent, { wait: !dryRun });
    if (!kind) {
      const isOpen = dryRun && this.#kinds.mayGrow;
      return report({
        type: isOpen ? 'unchecked' : 'refused',
        what,
        reason: `the workspace does not serve ${sent.apiVersion} ${sent.kind}`,
      });
    }
    const place = placeOf(kind, object);
    const known = ownersOf(sent).map((owner) => this.#known(owner, place));
    const refs = known.filter((ref) => ref !== undefined);
    const isRelated = known.length > refs.length;
    const owned = refs.length > 0 && !isRelated ? withOwners(object as KubeObject, refs) : (object as KubeObject);
    const written = await target.create(place, inPlace(owned, place), { dryRun });
    switch (written.type) {
      case 'refused':
        return this.#refused(written, place, what);
      case 'exists':
        return this.#compare({ place, what, object: object as KubeObject, status, owners: ownersOf(sent) });
      case 'written':
        break;
    }
    this.#note(place, written.object);
    if (!dryRun && status !== undefined && kind.hasStatus && !(await this.#restore(place, status, written.object, what))) return;
    if (isRelated && !dryRun) this.#related.push({ place, owners: ownersOf(sent), what, isNew: true });
    else report({ type: 'created', what });
  }

  /** The second pass: owners that came behind those that they own. */
  async relate(): Promise<void> {
    const { target, report } = this.#options;
    for (const { place, owners, what, isNew } of this.#related) {
      const found = await Promise.all(owners.map((owner) => this.#lookUp(owner, place)));
      const refs = found.filter((ref) => ref !== undefined);
      const lost = owners.filter((_, index) => found[index] === undefined);
      const written = refs.length === 0 ? undefined : await target.merge(place, { metadata: { ownerReferences: refs } } as JsonObject);
      if (written?.type === 'refused') report({ type: 'refused', what, reason: written.reason });
      else if (lost.length > 0)
        report({
          type: 'refused',
          what,
          reason: `it is there without ${lost.map(({ kind, name }) => `${kind} ${name}`).join(', ')}, which owns it and is not there`,
        });
      else report({ type: isNew ? 'created' : 'completed', what });
    }
  }

  #refused(written: Extract<Written, { type: 'refused' }>, { namespace }: Place, what: string): void {
    const isOpen = this.#options.dryRun && written.code === 404 && this.#unmade.has(namespace);
    this.#options.report({ type: isOpen ? 'unchecked' : 'refused', what, reason: written.reason });
  }

  #note(place: Place, { metadata }: KubeObject): void {
    if (metadata.uid !== undefined) this.#uids.set(ownerKey(place), metadata.uid);
    const { kind } = place.kind;
    if (kind === 'CustomResourceDefinition' || kind === 'APIBinding') this.#kinds.grow();
    if (kind === 'Namespace' && this.#options.dryRun) this.#unmade.add(place.name);
  }

  /** What is there may be what an earlier run began. */
  async #compare({ place, what, object, status, owners }: Compared): Promise<void> {
    const { target, report, dryRun } = this.#options;
    const present = await target.get(place);
    if (!present) return report({ type: 'refused', what, reason: 'it went away meanwhile; run the import again' });
    if (present.metadata.uid !== undefined) this.#uids.set(ownerKey(place), present.metadata.uid);
    const path = differsAt(inPlace(object, place), present);
    if (path !== undefined) {
      const reason =
        present.metadata.deletionTimestamp === undefined ? `it is there already, and differs at ${path}` : 'it is there, and being deleted';
      return report({ type: 'refused', what, reason });
    }
    const isOurs = (present.metadata.managedFields ?? []).some(({ manager }) => manager === importManager);
    const isUnowned = isOurs && owners.length > 0 && (present.metadata.ownerReferences ?? []).length === 0;
    const isUntold = isOurs && status !== undefined && place.kind.hasStatus && !hasStatusOfOthers(present);
    if (dryRun || (!isUnowned && !isUntold)) return report({ type: 'unchanged', what });
    if (isUntold && !(await this.#restore(place, status, present, what))) return;
    if (isUnowned) this.#related.push({ place, owners, what, isNew: false });
    else report({ type: 'completed', what });
  }

  /** A provider that has reported since knows better than the file. */
  async #restore(place: Place, status: unknown, present: KubeObject, what: string): Promise<boolean> {
    const gone = Object.keys(present.status ?? {}).map((name) => [name, null]);
    const patch = { status: { ...Object.fromEntries(gone), ...(status as JsonObject) } } as JsonObject;
    const written = await this.#options.target.merge(place, patch, 'status');
    if (written.type === 'refused')
      this.#options.report({ type: 'refused', what, reason: `it is there without its status: ${written.reason}` });
    return written.type !== 'refused';
  }

  #known(owner: PortableOwner, { namespace }: Place): OwnerReference | undefined {
    const group = groupOf(owner.apiVersion);
    const uid = this.#uids.get(keyOf(group, owner.kind, namespace, owner.name)) ?? this.#uids.get(keyOf(group, owner.kind, '', owner.name));
    return uid === undefined ? undefined : { ...owner, uid };
  }

  async #lookUp(owner: PortableOwner, place: Place): Promise<OwnerReference | undefined> {
    const known = this.#known(owner, place);
    if (known) return known;
    const kind = await this.#kinds.of(owner, { wait: false });
    if (!kind) return undefined;
    const present = await this.#options.target.get({ kind, namespace: kind.namespaced ? place.namespace : '', name: owner.name });
    return present?.metadata.uid === undefined ? undefined : { ...owner, uid: present.metadata.uid };
  }
}

type Compared = {
  readonly place: Place;
  readonly what: string;
  readonly object: KubeObject;
  readonly status: unknown;
  readonly owners: readonly PortableOwner[];
};

const placeOf = (kind: TargetKind, { metadata: { namespace = 'default', name = '' } }: Pick<KubeObject, 'metadata'>): Place => ({
  kind,
  namespace: kind.namespaced ? namespace : '',
  name,
});

const groupOf = (apiVersion: string): string => (apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '');
const keyOf = (...parts: readonly string[]): string => parts.join('/');
const ownerKey = ({ kind, namespace, name }: Place): string => keyOf(kind.group, kind.kind, namespace, name);

/** With the namespace that it goes to: of one that the file does not name, and of a kind that has none. */
function inPlace(object: KubeObject, { namespace }: Place): KubeObject {
  const { namespace: _, ...metadata } = object.metadata;
  return { ...object, metadata: namespace === '' ? metadata : { ...metadata, namespace } };
}

const withOwners = (object: KubeObject, ownerReferences: readonly OwnerReference[]): KubeObject => ({
  ...object,
  metadata: { ...object.metadata, ownerReferences },
});

/** The mesh's own first word on an object, `tributary`, stands for nothing that was reported. */
const hasStatusOfOthers = ({ metadata: { managedFields = [] } }: KubeObject): boolean =>
  managedFields.some(({ subresource, manager }) => subresource === 'status' && manager !== 'tributary');
