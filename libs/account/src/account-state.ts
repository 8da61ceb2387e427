import { groupResource, type ResourceKey } from '#kube';
import { noRevision } from '#stream';
import { Dependents } from './dependents.ts';
import type { BoundApi, WorkspaceOwner } from './events.ts';
import type { ObjectRecord } from './object-record.ts';
import { pathOf, withChanges } from './sorted-records.ts';

export type WorkspacePhase = 'absent' | 'open' | 'closing' | 'closed';

type Table = Map<string, ObjectRecord | null>;
/** `changed`: the paths of what is no longer as `records` have it. */
type Sorted = { readonly records: readonly ObjectRecord[]; readonly changed: Set<string> };

/** Where one in so many records has changed, a list is made anew. */
const changesPerList = 8;

const none: readonly ObjectRecord[] = [];

/**
 * What is known of one account: the fold of its stream. It changes in place, by `evolve` only. A fork sees what its
 * base holds plus its own changes; `absorb` makes these the base's once they are durable.
 */
export class AccountState {
  /** The last event folded in. */
  revision = noRevision;
  phase: WorkspacePhase = 'absent';
  cluster = '';
  path = '';
  owner: WorkspaceOwner | null = null;
  /** The APIs served, by the name of their binding. Replaced, never changed, so that its identity tells a change. */
  bindings: ReadonlyMap<string, BoundApi> = new Map();
  readonly #base: AccountState | undefined;
  readonly #tables = new Map<string, Table>();
  readonly #keyOfUid = new Map<string, ResourceKey | null>();
  /** Absent as long as no object names an owner. */
  #dependents: Dependents | undefined;
  /** Of the resources that a quota asked about: how many there are, by namespace. In a fork, how many more than in its base. */
  #tallies: Map<string, Map<string, number>> | undefined;
  readonly #sorted = new Map<string, Sorted>();

  constructor(base?: AccountState) {
    this.#base = base;
    if (base) this.#takeScalars(base);
  }

  fork(): AccountState {
    return new AccountState(this);
  }

  absorb(fork: AccountState): void {
    this.#takeScalars(fork);
    for (const [resource, changes] of fork.#tables) {
      const table = this.#tableOf(resource);
      const counted = this.#tallies?.has(resource) === true;
      for (const [path, record] of changes) {
        if (counted) this.#recount(resource, path, Number(record !== null) - Number(table.has(path)));
        if (record) table.set(path, record);
        else table.delete(path);
        this.#unsort(resource, path);
      }
    }
    for (const [uid, key] of fork.#keyOfUid) {
      if (key) this.#keyOfUid.set(uid, key);
      else this.#keyOfUid.delete(uid);
    }
    if (fork.#dependents) (this.#dependents ??= new Dependents()).absorb(fork.#dependents);
  }

  find(key: ResourceKey): ObjectRecord | undefined {
    return this.#find(groupResource(key), pathOf(key));
  }

  #find(resource: string, path: string): ObjectRecord | undefined {
    const own = this.#tables.get(resource)?.get(path);
    if (own !== undefined) return own ?? undefined;
    return this.#base ? this.#base.#find(resource, path) : undefined;
  }

  findByUid(uid: string): ObjectRecord | undefined {
    const key = this.#keyOfUid.get(uid);
    if (key === undefined) return this.#base?.findByUid(uid);
    return key ? this.find(key) : undefined;
  }

  /** Whether there is any object of a resource; in doubt, yes. */
  mayHold(resource: string): boolean {
    const own = this.#tables.get(resource);
    return (own !== undefined && own.size > 0) || this.#base?.mayHold(resource) === true;
  }

  /**
   * The objects of one resource, sorted by namespace and name. `groupResource` as in `httpbins.example.com`. The same array as long as
   * nothing about them changes.
   */
  list(resource: string): readonly ObjectRecord[] {
    if (this.#base && !this.#tables.has(resource)) return this.#base.list(resource);
    const known = this.#sorted.get(resource);
    if (known?.changed.size === 0) return known.records;
    const table = this.#tables.get(resource);
    // Asked of every workspace for kinds that few have objects of: that must not cost each of them a list.
    if (!this.#base && !table) return none;
    const changes = known && new Map([...known.changed].map((path) => [path, table?.get(path) ?? null] as const));
    const records = withChanges(changes ? known.records : (this.#base?.list(resource) ?? none), changes ?? table ?? new Map());
    this.#sorted.set(resource, { records, changed: new Set() });
    return records;
  }

  /** A list that was asked for is brought up to date when it is asked for again, or made anew where much has changed. */
  #unsort(resource: string, path: string): void {
    const known = this.#sorted.get(resource);
    if (!known) return;
    known.changed.add(path);
    if (known.changed.size * changesPerList > known.records.length) this.#sorted.delete(resource);
  }

  /** All objects of a state that is no fork, in no order. */
  *records(): Iterable<ObjectRecord> {
    for (const table of this.#tables.values()) for (const record of table.values()) if (record) yield record;
  }

  /** The resources of which the account holds or has held objects. */
  resources(): readonly string[] {
    return [...new Set([...(this.#base?.resources() ?? []), ...this.#tables.keys()])];
  }

  /** How many objects of a resource a namespace holds. They are counted when first asked for, and kept count of from then on. */
  count(resource: string, namespace: string): number {
    return (this.#base?.count(resource, namespace) ?? 0) + (this.#tally(resource).get(namespace) ?? 0);
  }

  #tally(resource: string): ReadonlyMap<string, number> {
    const known = this.#tallies?.get(resource);
    if (known) return known;
    const base = this.#base;
    (this.#tallies ??= new Map<string, Map<string, number>>()).set(resource, new Map());
    for (const [path, record] of this.#tables.get(resource) ?? [])
      this.#recount(resource, path, Number(record !== null) - Number(base !== undefined && base.#find(resource, path) !== undefined));
    return this.#tallies.get(resource) ?? new Map<string, number>();
  }

  #recount(resource: string, path: string, change: number): void {
    const tally = change === 0 ? undefined : this.#tallies?.get(resource);
    if (!tally) return;
    const namespace = path.slice(0, path.indexOf('\0'));
    tally.set(namespace, (tally.get(namespace) ?? 0) + change);
  }

  /** The objects whose ownerReferences name this uid, whether it exists or not. */
  *dependentsOf(uid: string): Iterable<ObjectRecord> {
    const base = this.#base;
    if (base)
      for (const dependent of base.#dependentUids(uid)) {
        const record = this.#dependents?.speaksOf(uid, dependent) ? undefined : this.findByUid(dependent);
        if (record) yield record;
      }
    for (const dependent of this.#dependentUids(uid)) {
      const record = this.findByUid(dependent);
      if (record) yield record;
    }
  }

  #dependentUids(uid: string): Iterable<string> {
    return this.#dependents?.of(uid) ?? [];
  }

  #relate(before: ObjectRecord | undefined, after: ObjectRecord | undefined): void {
    // Nearly all objects depend on nobody, before and after.
    if ((before?.owners.length ?? 0) + (after?.owners.length ?? 0) === 0 || before?.owners === after?.owners) return;
    (this.#dependents ??= new Dependents(this.#base !== undefined)).relate(before, after);
  }

  /** `before` is the state of the same object until now, if it is known. */
  put(record: ObjectRecord, before?: ObjectRecord): void {
    const resource = groupResource(record.key);
    const path = pathOf(record.key);
    this.#relate(before, record);
    if (this.#tallies && !this.#find(resource, path)) this.#recount(resource, path, 1);
    this.#tableOf(resource).set(path, record);
    this.#keyOfUid.set(record.uid, record.key);
    this.#unsort(resource, path);
  }

  remove(record: ObjectRecord, before?: ObjectRecord): void {
    const resource = groupResource(record.key);
    const path = pathOf(record.key);
    this.#relate(before, undefined);
    if (this.#tallies && this.#find(resource, path)) this.#recount(resource, path, -1);
    if (this.#base) {
      this.#tableOf(resource).set(path, null);
      this.#keyOfUid.set(record.uid, null);
    } else {
      this.#tables.get(resource)?.delete(path);
      this.#keyOfUid.delete(record.uid);
    }
    this.#unsort(resource, path);
  }

  #tableOf(resource: string): Table {
    let table = this.#tables.get(resource);
    if (!table) this.#tables.set(resource, (table = new Map()));
    return table;
  }

  #takeScalars(other: AccountState): void {
    this.revision = other.revision;
    this.phase = other.phase;
    this.cluster = other.cluster;
    this.path = other.path;
    this.owner = other.owner;
    this.bindings = other.bindings;
  }
}
