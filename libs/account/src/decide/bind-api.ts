import {
  definitionsName,
  equalJson,
  statusOfDefinition,
  type DefinitionNames,
  type JsonObject,
  type KubeObject,
  type ResourceKey,
  type ServedKind,
} from '#kube';
import { accept, type Decision } from '#stream';
import type { AccountState } from '../account-state.ts';
import type { AccountEvent, BoundApi, EventAuthor } from '../events.ts';
import { conditionsOf, statusOf, withConditions } from '../health.ts';
import { changed } from './object-event.ts';
import { storageVersionOf, withMeshStatus } from './track-fields.ts';

/** A provider's export was found for a binding: from now on the workspace serves it, unless its names are taken. */
export type BindApi = {
  readonly key: ResourceKey;
  readonly uid: string;
  /** APIBinding's. */
  readonly kind: ServedKind;
  readonly api: BoundApi;
  /** The names of each of its resources, in their order. */
  readonly names: readonly DefinitionNames[];
  /** `group` and `resource` of what every workspace serves by itself. */
  readonly builtins: ReadonlySet<string>;
  readonly by: EventAuthor;
};

/** Accepts nothing where the binding is gone, another one, being deleted, or bound already. What cannot be bound says so in its status. */
export function bindApi({ key, uid, kind, api, names, builtins, by }: BindApi, account: AccountState): Decision<AccountEvent, never> {
  const record = account.find(key);
  if (!record || record.uid !== uid || record.deleting || account.bindings.has(api.binding)) return accept();
  const { object } = record;
  const noted = (status: JsonObject): KubeObject => withMeshStatus(object, status, { kind, version: storageVersionOf(kind), by });
  const taken = conflicts(api, names, { account, builtins });
  if (taken.length > 0) {
    const status = refusedStatus(
      object,
      { condition: 'InitialBindingCompleted', reason: 'NamingConflicts', message: taken.join('; ') },
      by.at,
    );
    // A binding is tried again and again; it says why it waits once.
    if (equalJson(status, statusOf(object))) return accept();
    return accept(changed('StatusReported', record, noted(status), { account, by }));
  }
  const bound = changed('StatusReported', record, noted(boundStatus(object, api, by.at)), { account, by });
  return accept({ ...bound, type: 'ApiBound', api });
}

/** The status of a binding that cannot be bound as things stand. */
export function refusedStatus(
  object: KubeObject,
  {
    condition,
    reason,
    message,
  }: { readonly condition: 'APIExportValid' | 'InitialBindingCompleted'; readonly reason: string; readonly message: string },
  at: string,
): JsonObject {
  const status = statusOf(object);
  const conditions = withConditions(
    conditionsOf(status).filter(({ type }) => type !== 'Reconciling'),
    [
      { type: condition, status: 'False', reason, message },
      { type: 'Ready', status: 'False', reason, message },
      { type: 'Stalled', status: 'True', reason, message },
    ],
    at,
  );
  return { ...status, phase: 'Binding', observedGeneration: object.metadata.generation ?? 1, conditions };
}

function boundStatus(object: KubeObject, api: BoundApi, at: string): JsonObject {
  const done = (type: string, reason: string) => ({ type, status: 'True', reason, message: '' }) as const;
  return {
    phase: 'Bound',
    observedGeneration: object.metadata.generation ?? 1,
    apiExportClusterName: api.provider.cluster,
    boundResources: api.resources.map(({ group, resource, schemaName, schemaUid, storageVersions }) => ({
      group,
      resource,
      schema: { name: schemaName, UID: schemaUid, identityHash: api.provider.identityHash },
      storageVersions,
    })),
    conditions: withConditions(
      [],
      [
        done('Ready', 'Bound'),
        done('APIExportValid', 'ExportFound'),
        done('InitialBindingCompleted', 'Bound'),
        done('BindingUpToDate', 'Bound'),
        done('PermissionClaimsValid', 'NoClaims'),
        done('PermissionClaimsApplied', 'NoClaims'),
      ],
      at,
    ),
  };
}

type Served = { readonly account: AccountState; readonly builtins: ReadonlySet<string> };

function conflicts(api: BoundApi, namesOfEach: readonly DefinitionNames[], { account, builtins }: Served): string[] {
  const names = api.resources.map(({ group, resource }) => `${resource}.${group}`);
  const byBuiltin = names.filter((name) => builtins.has(name)).map((name) => `${name} is served by every workspace itself`);
  const byBinding = [...account.bindings.values()].flatMap((other) =>
    other.resources
      .map(({ group, resource }) => `${resource}.${group}`)
      .filter((name) => names.includes(name))
      .map((name) => `naming conflict with APIBinding ${other.binding}: ${name} is already bound`),
  );
  const byDefinition = api.resources.flatMap(({ group }, index) => namesDefined(account, group, namesOfEach[index]));
  return [...byBuiltin, ...byBinding, ...byDefinition];
}

/** Within a group nobody has a name of another: what stands in paths is one sort of names, what stands in bodies the other. */
function namesDefined(account: AccountState, group: string, names: DefinitionNames | undefined): string[] {
  if (!names) return [];
  return account
    .list(definitionsName)
    .filter(({ name }) => name.slice(name.indexOf('.') + 1) === group)
    .flatMap(({ name, object }) => {
      const { acceptedNames: others } = statusOfDefinition(object);
      const taken = others ? [...both(inPaths(names), inPaths(others)), ...both(inBodies(names), inBodies(others))] : [];
      return taken.map((word) => `naming conflict with CustomResourceDefinition ${name}: ${JSON.stringify(word)} is already in use`);
    });
}

const inPaths = ({ plural, singular = '', shortNames = [] }: DefinitionNames): readonly string[] => [plural, singular, ...shortNames];
const inBodies = ({ kind, listKind = '' }: DefinitionNames): readonly string[] => [kind, listKind];
const both = (some: readonly string[], others: readonly string[]): readonly string[] => [
  ...new Set(some.filter((name) => name !== '' && others.includes(name))),
];
