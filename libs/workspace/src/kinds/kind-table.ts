import type { BoundApi } from '#account';
import { groupResource, type ServedKind } from '#kube';
import { apiBindings, apiExports, apiResourceSchemas, marketplaceEntries, providerMetadatas, servedApi } from '#provider';
import type { SchemaShelf } from '../schema-shelf.ts';
import { configMaps, leases, secrets, serviceAccounts } from './core-kinds.ts';
import { coreEvents, events } from './event-kinds.ts';
import { clusterRoleBindings, clusterRoles, roleBindings, roles } from './rbac-kinds.ts';
import { accountInfos, accounts, logicalClusters, namespaces, workspaces } from './tenancy-kinds.ts';

/** What every workspace serves by itself, in order of priority. */
export const builtinKinds: readonly ServedKind[] = [
  namespaces,
  configMaps,
  secrets,
  serviceAccounts,
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
];

export const builtinNames: ReadonlySet<string> = new Set(builtinKinds.map(groupResource));

/** The mesh's own kind of this name, `accounts.core.platform-mesh.io`. */
export function builtinKind(name: string): ServedKind {
  const kind = builtinKinds.find((known) => groupResource(known) === name);
  if (!kind) throw new Error(`no workspace serves ${name} by itself`);
  return kind;
}

type Bindings = ReadonlyMap<string, BoundApi>;

/** Which kinds a set of bindings makes a workspace serve. Workspaces with the same bindings share one answer. */
export class KindTable {
  readonly #shelf: SchemaShelf;
  readonly #byIdentity = new WeakMap<Bindings, readonly ServedKind[]>();
  readonly #byContent = new Map<string, readonly ServedKind[]>();

  constructor(shelf: SchemaShelf) {
    this.#shelf = shelf;
  }

  /** Whether `served` has answered for these very bindings before, so that their schemas need not be ensured again. */
  knows(bindings: Bindings): boolean {
    return bindings.size === 0 || this.#byIdentity.has(bindings);
  }

  /** All schemas of the bindings have been ensured before. */
  served(bindings: Bindings): readonly ServedKind[] {
    if (bindings.size === 0) return builtinKinds;
    let kinds = this.#byIdentity.get(bindings);
    if (!kinds) this.#byIdentity.set(bindings, (kinds = this.#shared(bindings)));
    return kinds;
  }

  #shared(bindings: Bindings): readonly ServedKind[] {
    const apis = [...bindings.values()].sort((a, b) => (a.binding < b.binding ? -1 : 1));
    const content = JSON.stringify(
      apis.map(({ binding, provider, resources }) => [binding, provider, resources.map(({ schemaHash }) => schemaHash)]),
    );
    let kinds = this.#byContent.get(content);
    if (!kinds) {
      if (this.#byContent.size >= 1_000) this.#byContent.clear();
      const bound = apis.flatMap((api) =>
        api.resources.map(({ schemaHash }) => servedApi(this.#shelf.get(schemaHash), api.binding, api.provider)),
      );
      this.#byContent.set(content, (kinds = [...builtinKinds, ...bound]));
    }
    return kinds;
  }
}

export const hashesOf = (bindings: Bindings): readonly string[] =>
  [...bindings.values()].flatMap(({ resources }) => resources.map(({ schemaHash }) => schemaHash));
