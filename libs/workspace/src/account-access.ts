import {
  accessRules,
  bindingEscalation,
  defaultClusterRoles,
  ownersBinding,
  rbacGroup,
  reservedNamePrefix,
  roleEscalation,
  type AccessRules,
  type Binding,
  type BoundResources,
  type ClusterRole,
  type Escalation,
  type Identity,
  type Role,
} from '#access';
import { ObjectRecord, type AccountState, type Refusal } from '#account';
import type { KubeObject, ResourceKey } from '#kube';
import type { AccountActor, AccountNews } from './account-actor.ts';
import { givenUid } from './given-uid.ts';
import type { Author } from './workspaces.ts';

/** Who may do what in one account's workspace: computed from its roles and bindings, and kept until one of them changes. */
export class AccountAccess {
  readonly #account: AccountActor;
  /** Users who own the account, directly or as owners of one above it. */
  readonly #owners: readonly string[];
  readonly #listeners = new Set<() => void>();
  #unfollow: (() => void) | undefined;
  #known: KnownFacts | undefined;

  constructor(account: AccountActor, owners: readonly string[]) {
    this.#account = account;
    this.#owners = owners;
  }

  get rules(): AccessRules {
    return this.#facts().rules;
  }

  /** The objects of a kind that the mesh itself puts into the workspace. They are computed, not stored: nobody can change them. */
  given(kind: Pick<ResourceKey, 'group' | 'resource'>): readonly ObjectRecord[] {
    return kind.group === rbacGroup ? (this.#facts().given().get(kind.resource) ?? none) : none;
  }

  /** Calls back whenever `rules` may say something else than before. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    this.#unfollow ??= this.#account.follow((news) => {
      if (news.some(changesAccess)) for (const told of this.#listeners) told();
    });
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      this.#unfollow?.();
      this.#unfollow = undefined;
    };
  }

  /** Why this role or binding may not be written by this author, judged by the state that it would change. */
  writeRefusal(key: ResourceKey, object: KubeObject, old: KubeObject | undefined, { state, author }: Writer): Refusal | undefined {
    if (!old && key.name.startsWith(reservedNamePrefix))
      return { type: 'ActionForbidden', key, message: `names that begin with ${reservedNamePrefix} are the mesh's own` };
    const writing = { identity: identityOf(author), rules: factsOf(state, this.#owners).rules };
    const isRole = key.resource === 'roles' || key.resource === 'clusterroles';
    const escalation = isRole
      ? roleEscalation(writing, key.resource, object as ClusterRole, old as ClusterRole | undefined)
      : bindingEscalation(writing, object as unknown as Binding, old as unknown as Binding | undefined);
    return escalation && refusalOf(escalation, key);
  }

  #facts(): AccessFacts {
    const { state } = this.#account;
    const known = this.#known;
    if (known?.seenAt === state.revision) return known.facts;
    const from = sourcesOf(state);
    const isSame = known?.from.every((source, index) => source === from[index]) === true;
    this.#known = { seenAt: state.revision, from, facts: isSame ? known.facts : factsOf(state, this.#owners) };
    return this.#known.facts;
  }
}

const none: readonly ObjectRecord[] = [];

type Writer = { readonly state: AccountState; readonly author: Author };
/** `seenAt`: the revision at which the facts were last found to be those of `from`. */
type KnownFacts = { readonly seenAt: bigint; readonly from: readonly unknown[]; readonly facts: AccessFacts };
/** `given` is made when somebody asks to see it: few do, and it is longer than what most workspaces hold. */
type AccessFacts = { readonly rules: AccessRules; readonly given: () => ReadonlyMap<string, readonly ObjectRecord[]> };

export const identityOf = ({ user, groups }: Pick<Author, 'user' | 'groups'>): Identity => ({ user, groups, uid: '', extra: {} });

const sources = ['roles', 'clusterroles', 'rolebindings', 'clusterrolebindings'].map((resource) => `${resource}.${rbacGroup}`);

/** What access is computed from. Lists and bindings are replaced when they change, so that their identity tells. */
function sourcesOf(state: AccountState): readonly unknown[] {
  return [...sources.map((resource) => state.list(resource)), state.bindings];
}

function changesAccess({ event }: AccountNews): boolean {
  if (event.type === 'ApiBound' || event.type === 'ApiUnbound') return true;
  if (!('key' in event)) return false;
  const { group, resource } = event.key;
  if (group === rbacGroup) return true;
  // With them, tokens end.
  return event.type === 'ResourceRemoved' && group === '' && (resource === 'serviceaccounts' || resource === 'secrets');
}

function factsOf(state: AccountState, owners: readonly string[]): AccessFacts {
  const stored = sources.map((resource) => state.list(resource));
  const { roles: givenRoles, rulesOfOwners } = defaultsOf(boundResources(state));
  const givenBindings = [ownersBinding(owners)].filter((binding) => binding !== undefined);
  const rules = stored.every((records) => records.length === 0)
    ? remembered(rulesOfOwners, JSON.stringify(owners), () => rulesOf([], givenRoles, givenBindings))
    : rulesOf(stored, givenRoles, givenBindings);
  const place = placeOf(state);
  let given: ReadonlyMap<string, readonly ObjectRecord[]> | undefined;
  return {
    rules,
    given: () =>
      (given ??= new Map([
        ['clusterroles', shown(givenRoles, rules).map((role) => givenRecord('ClusterRole', role, place))],
        ['clusterrolebindings', givenBindings.map((binding) => givenRecord('ClusterRoleBinding', binding, place))],
      ])),
  };
}

/** Everything that grants something, what is stored first. */
function rulesOf(
  stored: readonly (readonly ObjectRecord[])[],
  givenRoles: readonly ClusterRole[],
  givenBindings: readonly Binding[],
): AccessRules {
  const [roles = [], clusterRoles = [], roleBindings = [], clusterRoleBindings = []] = stored.map((records) =>
    records.map(({ object }) => object),
  );
  return accessRules({
    roles: roles as unknown as readonly Role[],
    clusterRoles: [...givenRoles, ...(clusterRoles as unknown as readonly ClusterRole[])],
    roleBindings: roleBindings as unknown as readonly Binding[],
    clusterRoleBindings: [...givenBindings, ...(clusterRoleBindings as unknown as readonly Binding[])],
  });
}

const shown = (roles: readonly ClusterRole[], rules: AccessRules): readonly ClusterRole[] =>
  roles.map((role) => ({ ...role, rules: rules.rulesOf({ kind: 'ClusterRole', name: role.metadata.name ?? '' }, '') ?? [] }));

/** What workspaces that are bound to the same have in common, and of these, those of the same owners that store no roles or bindings. */
type Defaults = { readonly roles: readonly ClusterRole[]; readonly rulesOfOwners: Map<string, AccessRules> };

const rememberedMax = 500;
const defaultsOfBound = new Map<string, Defaults>();

const defaultsOf = (bound: readonly BoundResources[]): Defaults =>
  remembered(defaultsOfBound, JSON.stringify(bound), () => ({ roles: defaultClusterRoles(bound), rulesOfOwners: new Map() }));

function remembered<Value>(known: Map<string, Value>, key: string, make: () => Value): Value {
  const value = known.get(key) ?? make();
  if (known.size >= rememberedMax && !known.has(key)) known.clear();
  known.set(key, value);
  return value;
}

function boundResources(state: AccountState): readonly BoundResources[] {
  const byGroup = new Map<string, string[]>();
  for (const { resources } of state.bindings.values())
    for (const { group, resource } of resources) byGroup.set(group, [...(byGroup.get(group) ?? []), resource]);
  return [...byGroup].sort(([a], [b]) => (a < b ? -1 : 1)).map(([group, resources]) => ({ group, resources }));
}

/** Where and when something given was computed. */
type Place = { readonly cluster: string; readonly position: bigint; readonly home: ObjectRecord | undefined };

function placeOf(state: AccountState): Place {
  // The default namespace is as old as its workspace, and stays as long.
  const home = state.find({ group: '', resource: 'namespaces', namespace: '', name: 'default' });
  return { cluster: state.cluster, position: state.revision + 1n, home };
}

/** It carries the position at which it was computed: what it says changes only when the workspace does. */
function givenRecord(
  kind: 'ClusterRole' | 'ClusterRoleBinding',
  content: ClusterRole | Binding,
  { cluster, position, home }: Place,
): ObjectRecord {
  const { name = '', labels = {} } = content.metadata;
  const resource = `${kind.toLowerCase()}s`;
  const uid = givenUid(`${cluster}/${resource}/${name}`);
  const object = {
    apiVersion: `${rbacGroup}/v1`,
    kind,
    ...content,
    metadata: {
      name,
      uid,
      resourceVersion: String(position),
      creationTimestamp: home?.object.metadata.creationTimestamp ?? null,
      labels,
      annotations: { 'kcp.io/cluster': cluster, 'tributary.io/read-only': 'true' },
    },
  } as unknown as KubeObject;
  const key = { group: rbacGroup, resource, namespace: '', name };
  return ObjectRecord.of(object, { key, uid, position, provider: undefined, sequence: undefined });
}

function refusalOf(escalation: Escalation, key: ResourceKey): Refusal {
  switch (escalation.type) {
    case 'forbidden':
      return { type: 'ActionForbidden', key, message: escalation.message };
    case 'roleUnknown': {
      const { resource, name } = escalation;
      return { type: 'ResourceUnknown', key: { group: rbacGroup, resource, namespace: key.namespace, name } };
    }
  }
}

/** What a write to something given is told. */
export const givenRefusal = (key: ResourceKey): Refusal => ({
  type: 'ObjectGiven',
  key,
});
