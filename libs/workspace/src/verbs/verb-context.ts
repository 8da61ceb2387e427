import { rbacGroup } from '#access';
import { inVersion, textOf, type EventAuthor, type KindRules, type ObjectRecord } from '#account';
import { groupResource, refreshed, type KubeObject, type ServedKind, type ServedVersion } from '#kube';
import type { AccountAccess } from '../account-access.ts';
import type { AccountActor } from '../account-actor.ts';
import { validatingAdmissionPolicies, validatingAdmissionPolicyBindings } from '../kinds/admission-kinds.ts';
import { policyBindingRules, policyRules } from '../kinds/admission-rules.ts';
import { definitions } from '../kinds/definition-kinds.ts';
import { definitionWriteRules, type NamesTaken } from '../kinds/definition-rules.ts';
import { secrets } from '../kinds/core-kinds.ts';
import { rulesOf } from '../kinds/rules.ts';
import { withToken, type ServiceAccountSupply } from '../kinds/token-secrets.ts';
import type { Author, StoredObject } from '../workspaces.ts';

/** What a verb works with: one account, and what it may ask beside it. */
export type VerbContext = {
  readonly account: AccountActor;
  readonly access: AccountAccess;
  /** Where the workspace's namespaces stand, where `account` is a side stream. */
  readonly home?: AccountActor;
  readonly ports: VerbPorts;
  /** The kinds that the workspace serves now. */
  readonly served: () => readonly ServedKind[];
};

export type VerbPorts = {
  /** Absent where no tokens are given out. */
  readonly serviceAccounts: ServiceAccountSupply | undefined;
  /** RFC 3339, milliseconds. */
  readonly now: () => string;
  readonly newUid: () => string;
  readonly random: () => number;
  /** Why this object may not be created here, judged by what stands in other workspaces. Undefined: it may. */
  readonly forbidden: (kind: ServedKind, object: KubeObject, author: Author) => Promise<string | undefined>;
  readonly namesTaken: NamesTaken;
};

/** The rules of a kind, as far as they hold for this author. */
export function rulesFor({ access, ports, served, account }: VerbContext, kind: ServedKind, author: Author): KindRules | undefined {
  if (kind === definitions) return definitionWriteRules(ports.namesTaken);
  if (kind === validatingAdmissionPolicies) return policyRules({ author, rules: access.rules, served });
  if (kind === validatingAdmissionPolicyBindings) return policyBindingRules({ author, rules: access.rules, served });
  const rules = rulesOf(kind);
  if (kind === secrets && ports.serviceAccounts) {
    const supply = ports.serviceAccounts;
    return {
      ...rules,
      prepare: (secret, _, state) => withToken(secret, state, supply),
      keep: (next) => withToken(next, account.state, supply),
    };
  }
  if (kind.group !== rbacGroup) return rules;
  const { group, resource } = kind;
  return {
    ...rules,
    permit: (object, old, state) => {
      const { name = '', namespace = '' } = object.metadata;
      return access.writeRefusal({ group, resource, namespace, name }, object, old, { state, author });
    },
  };
}

export function authorOf({ user, impersonator, userAgent, fieldManager, cause }: Author, at: string): EventAuthor {
  return { user, ...(impersonator ? { impersonator: impersonator.user } : {}), userAgent, fieldManager, at, cause };
}

export function versionOf(kind: ServedKind, name: string): ServedVersion {
  const version = kind.versions.find((known) => known.name === name);
  if (!version) throw new Error(`${groupResource(kind)} has no version ${name}`);
  return version;
}

/** The record as a version of its kind shows it. */
export function stored(record: ObjectRecord, kind: ServedKind, version: string): StoredObject {
  if (kind.shownAsKept) return record;
  if (kind.source.type === 'custom') return current(record, kind, version);
  return version === kind.storageVersion ? record : shown(record, inVersion(kind, record.object, version));
}

/** Whether `stored` has shown this record in this version of a definition before. */
export function isCurrent(record: ObjectRecord, kind: ServedKind, version: string): boolean {
  return currentByVersion.get(versionOf(kind, version))?.has(record) === true;
}

const currentByVersion = new WeakMap<ServedVersion, WeakMap<ObjectRecord, StoredObject>>();

/** A consumer may change a definition: what was written under another schema is shown as the present one has it. */
function current(record: ObjectRecord, kind: ServedKind, version: string): StoredObject {
  const served = versionOf(kind, version);
  let known = currentByVersion.get(served);
  if (!known) currentByVersion.set(served, (known = new WeakMap()));
  let made = known.get(record);
  if (!made) {
    const object = inVersion(kind, refreshed(kind, record.object), version);
    known.set(record, (made = object === record.object ? record : shown(record, object)));
  }
  return made;
}

/** An object that is not (or no longer) in the account's state. */
export function shown(of: { readonly uid: string; readonly position: bigint }, object: KubeObject): StoredObject {
  const { namespace = '', name = '', labels = {} } = object.metadata;
  return {
    namespace,
    name,
    uid: of.uid,
    position: of.position,
    labels,
    object,
    get text() {
      return textOf(object);
    },
  };
}

/**
 * What a watch is told of an object that leaves its selection and stays: how it was, with the version of the change that took it out.
 * Source: upstream apiserver/pkg/storage/cacher, convertToWatchEvent.
 */
export function leaving({ uid, object }: StoredObject, position: bigint): StoredObject {
  return shown({ uid, position }, { ...object, metadata: { ...object.metadata, resourceVersion: String(position) } });
}
