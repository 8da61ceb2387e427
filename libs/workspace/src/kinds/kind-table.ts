import type { AccountState, BoundApi, ObjectRecord } from '#account';
import {
  definitionsName,
  groupResource,
  specOfDefinition,
  type DefinitionNames,
  type KubeObject,
  type ServedKind,
  type TakenNames,
} from '#kube';
import { apiBindings, apiExports, apiResourceSchemas, marketplaceEntries, providerMetadatas, servedApi } from '#provider';
import { inSlices } from '../in-slices.ts';
import type { SchemaShelf } from '../schema-shelf.ts';
import { validatingAdmissionPolicies, validatingAdmissionPolicyBindings } from './admission-kinds.ts';
import { configMaps, leases, secrets, serviceAccounts } from './core-kinds.ts';
import { CustomKinds, definitionFacts, namesOf, type NamesOf } from './custom-kinds.ts';
import { definitions } from './definition-kinds.ts';
import { coreEvents, events } from './event-kinds.ts';
import { resourceQuotas } from './quota-kinds.ts';
import { clusterRoleBindings, clusterRoles, roleBindings, roles } from './rbac-kinds.ts';
import { accountInfos, accounts, logicalClusters, namespaces, workspaces } from './tenancy-kinds.ts';

/** What every workspace serves by itself, in order of priority. */
export const builtinKinds: readonly ServedKind[] = [
  namespaces,
  configMaps,
  secrets,
  serviceAccounts,
  resourceQuotas,
  coreEvents,
  leases,
  events,
  accounts,
  accountInfos,
  apiBindings,
  apiExports,
  apiResourceSchemas,
  logicalClusters,
  workspaces,
  marketplaceEntries,
  providerMetadatas,
  roles,
  clusterRoles,
  roleBindings,
  clusterRoleBindings,
  validatingAdmissionPolicies,
  validatingAdmissionPolicyBindings,
  definitions,
];

export const builtinNames: ReadonlySet<string> = new Set(builtinKinds.map(groupResource));

/** The mesh's own kind of this name, `accounts.core.platform-mesh.io`. */
export function builtinKind(name: string): ServedKind {
  const kind = builtinKinds.find((known) => groupResource(known) === name);
  if (!kind) throw new Error(`no workspace serves ${name} by itself`);
  return kind;
}

type Bindings = ReadonlyMap<string, BoundApi>;
type Kinds = readonly ServedKind[];
/** What decides which kinds a workspace serves. */
export type Serving = Pick<AccountState, 'bindings' | 'list'>;

/** Which kinds a workspace serves: by itself, by its bindings, by its definitions. Workspaces that serve the same share one answer. */
export class KindTable {
  readonly #shelf: SchemaShelf;
  readonly #bound = new WeakMap<Bindings, Kinds>();
  readonly #boundByContent = new Map<string, Kinds>();
  readonly #customKinds = new CustomKinds();
  /** By the list of definitions, which is another one as soon as one of them changes. */
  readonly #custom = new WeakMap<readonly ObjectRecord[], { readonly bound: Kinds; readonly kinds: Kinds }>();
  readonly #customByContent = new Map<string, WeakRef<Kinds>>();
  readonly #numbers = new WeakMap<object, number>();
  #numbered = 0;
  #sweptAt = 100;

  constructor(shelf: SchemaShelf) {
    this.#shelf = shelf;
  }

  /** Whether `served` has answered for these very bindings before, so that their schemas need not be ensured again. */
  knows(bindings: Bindings): boolean {
    return bindings.size === 0 || this.#bound.has(bindings);
  }

  /** All schemas of the bindings have been ensured before. */
  served(state: Serving): Kinds {
    const bound = this.#withBound(state.bindings);
    const records = state.list(definitionsName);
    if (records.length === 0) return bound;
    const known = this.#custom.get(records);
    if (known?.bound === bound) return known.kinds;
    const kinds = this.#withCustom(bound, this.#customKinds.of(records));
    this.#custom.set(records, { bound, kinds });
    return kinds;
  }

  /** As `served`, ready to be asked without reading all definitions in one go. All schemas of the bindings have been ensured before. */
  async prepare(state: Serving): Promise<void> {
    const records = state.list(definitionsName);
    if (!this.#custom.has(records)) await inSlices(records, (record) => this.#customKinds.prepare(record));
  }

  /** Of the names that a definition wants, those that its group has no more room for. */
  taken(state: Serving, definition: KubeObject): TakenNames {
    const { group, names } = specOfDefinition(definition);
    const wanted = new Set(Object.values(namesOf(names)).flat());
    const taken = { resources: new Set<string>(), kinds: new Set<string>() };
    const take = (others: NamesOf): void => {
      for (const name of others.resources) if (wanted.has(name)) taken.resources.add(name);
      for (const name of others.kinds) if (wanted.has(name)) taken.kinds.add(name);
    };
    const ofGroup = `.${group}`;
    for (const record of state.list(definitionsName)) {
      const { name } = record;
      if (name.endsWith(ofGroup) && name.indexOf('.') === name.length - ofGroup.length && name !== definition.metadata.name)
        take(definitionFacts(record));
    }
    for (const others of [...this.#names(builtinKinds, group), ...this.#boundNames(state.bindings, group)]) take(namesOf(others));
    return taken;
  }

  #names(kinds: readonly Omit<ServedKind, 'source'>[], group: string): readonly DefinitionNames[] {
    return kinds.filter((kind) => kind.group === group).map(({ resource, ...kind }) => ({ ...kind, plural: resource }));
  }

  /** Of an API that another process has bound just now, the schema may not be at hand: its plural must do. */
  #boundNames(bindings: Bindings, group: string): readonly DefinitionNames[] {
    const resources = [...bindings.values()].flatMap((api) => api.resources).filter((resource) => resource.group === group);
    return resources.flatMap(({ resource, schemaHash }) => {
      const kind = this.#shelf.atHand(schemaHash);
      return kind ? this.#names([kind], group) : [{ plural: resource, kind: '' }];
    });
  }

  #withBound(bindings: Bindings): Kinds {
    if (bindings.size === 0) return builtinKinds;
    let kinds = this.#bound.get(bindings);
    if (!kinds) this.#bound.set(bindings, (kinds = this.#shared(bindings)));
    return kinds;
  }

  #shared(bindings: Bindings): Kinds {
    const apis = [...bindings.values()].sort((a, b) => (a.binding < b.binding ? -1 : 1));
    const content = JSON.stringify(
      apis.map(({ binding, provider, resources }) => [binding, provider, resources.map(({ schemaHash }) => schemaHash)]),
    );
    let kinds = this.#boundByContent.get(content);
    if (!kinds) {
      if (this.#boundByContent.size >= 1_000) this.#boundByContent.clear();
      const bound = apis.flatMap((api) =>
        api.resources.map(({ schemaHash }) => servedApi(this.#shelf.get(schemaHash), api.binding, api.provider)),
      );
      this.#boundByContent.set(content, (kinds = [...builtinKinds, ...bound]));
    }
    return kinds;
  }

  #withCustom(bound: Kinds, custom: Kinds): Kinds {
    if (custom.length === 0) return bound;
    // Workspaces with so many kinds of their own are hardly alike, and each change of one would cost a look at all.
    if (custom.length > sharedMax) return [...bound, ...custom];
    const content = [bound, ...custom].map((part) => this.#numberOf(part)).join();
    const known = this.#customByContent.get(content)?.deref();
    if (known) return known;
    const kinds = [...bound, ...custom];
    this.#customByContent.set(content, new WeakRef(kinds));
    if (this.#customByContent.size > this.#sweptAt) this.#sweep();
    return kinds;
  }

  #sweep(): void {
    for (const [content, list] of this.#customByContent) if (!list.deref()) this.#customByContent.delete(content);
    this.#sweptAt = 2 * Math.max(50, this.#customByContent.size);
  }

  /** Tells one from another without holding them. */
  #numberOf(part: object): number {
    let number = this.#numbers.get(part);
    if (number === undefined) this.#numbers.set(part, (number = ++this.#numbered));
    return number;
  }
}

const sharedMax = 200;

export const hashesOf = (bindings: Bindings): readonly string[] =>
  [...bindings.values()].flatMap(({ resources }) => resources.map(({ schemaHash }) => schemaHash));
