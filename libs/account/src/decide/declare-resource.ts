import {
  finalizerWarnings,
  generateName,
  secretFieldsOf,
  validateObjectMeta,
  type CompiledSchema,
  type JsonObject,
  type KubeObject,
  type ManagedFields,
  type ObjectMeta,
  type ResourceKey,
} from '#kube';
import { accept, refuse, type Decision } from '#stream';
import { admit, inVersion, writtenVersion, type Submission } from '../admission.ts';
import type { AccountState } from '../account-state.ts';
import type { AccountEvent, EventAuthor } from '../events.ts';
import { waitingStatus } from '../health.ts';
import { ruleViolations, type KindRules } from '../kind-rules.ts';
import { quotaRefusal } from '../quota.ts';
import type { Refusal } from '../refusal.ts';
import type { Screen } from '../screen.ts';
import { bytesMax, definitionRefusal, invalid, mistyped, namespaceRefusal, typeFaults } from './refusals.ts';
import { bytesOf, fitting, stamp } from './object-event.ts';
import { withManagedFields, withMeshStatus, withOwners, withWaitingStatus } from './track-fields.ts';

/** The consumer orders an object. */
export type DeclareResource = Submission & {
  readonly rules?: KindRules | undefined;
  /** Absent for what the mesh itself orders. */
  readonly screen?: Screen | undefined;
  readonly uid: string;
  readonly by: EventAuthor;
  /** Where the workspace's namespaces stand, if not in the state that is to hold the object. */
  readonly home?: AccountState | undefined;
  /** Numbers in [0, 1), for generateName. */
  readonly random: () => number;
  /** Who owns which fields, where that is known already. Otherwise all that was sent is the author's. */
  readonly owners?: { readonly managedFields: ManagedFields };
};

export type Declared = { readonly decision: Decision<AccountEvent, Refusal>; readonly warnings: readonly string[] };

/**
 * Accepts nothing (no events) where the object with this uid is there already: an earlier attempt was committed, and its answer lost. Refused where
 * the name, the namespace, the schema, a policy, a quota or the size says no, and where another object has the name.
 */
export function declareResource(intent: DeclareResource, account: AccountState): Declared {
  const { kind, rules, by } = intent;
  const admitted = admit(intent);
  if (admitted.type === 'refused') return { decision: refuse(admitted.refusal), warnings: [] };
  const warnings = [...admitted.warnings];
  const refused = (refusal: Refusal): Declared => ({ decision: refuse(refusal), warnings });

  if (intent.body.metadata.resourceVersion) {
    return refused({ type: 'VersionUnfit', message: 'resourceVersion should not be set on objects to be created' });
  }
  const name = chooseName(admitted.object.metadata, intent, account);
  const key: ResourceKey = { group: kind.group, resource: kind.resource, namespace: kind.namespaced ? intent.namespace : '', name };
  const noPlace = definitionRefusal(kind, key, account) ?? namespaceRefusal(key, intent.home ?? account);
  if (noPlace) return refused(noPlace);

  const untyped = mistyped(intent, rules?.complete || rules?.prepare ? typeFaults(intent, admitted.object) : []);
  if (untyped) return refused(untyped);
  const born = bear(ownedFrom(admitted.object, intent), name, intent, account);
  warnings.push(...finalizerWarnings(born.metadata));
  const bySchema = schemaOf(intent).validate(born as unknown as JsonObject);
  const causes = [
    ...admitted.causes,
    ...validateObjectMeta(born.metadata, kind),
    ...bySchema,
    ...ruleViolations(rules, bySchema, born, undefined, account),
  ];
  if (causes.length > 0) return refused(mistyped(intent, causes) ?? invalid(intent, name, causes));
  warnings.push(...(rules?.warnings?.(born, undefined) ?? []));

  const known = account.find(key);
  // Our own uid: an earlier attempt was committed and its answer lost.
  if (known?.uid === intent.uid) return { decision: accept(), warnings };
  const denied = intent.screen?.({ operation: 'CREATE', name: intent.body.metadata.name ?? '', object: born, old: undefined }, account);
  if (denied) return refused(denied);
  // Upstream asks its quotas before it looks whether the name is taken.
  const exceeded = quotaRefusal(key, account, intent.home);
  if (exceeded) return refused(exceeded);
  if (known) return refused({ type: 'ResourceExists', key, ...(intent.body.metadata.generateName ? { generated: true } : {}) });
  const unpermitted = rules?.permit?.(born, undefined, account);
  if (unpermitted) return refused(unpermitted);
  const object = fitting(stamp(inVersion(kind, born, kind.storageVersion), account, 0));
  const bytes = bytesOf(object);
  if (bytes > bytesMax) return refused({ type: 'ObjectTooLarge', bytes, bytesMax });
  const provider = kind.source.type === 'bound' ? { provider: kind.source.provider } : {};
  const marked = secretFieldsOf(kind);
  const secretFields = marked.length > 0 ? { secretFields: marked } : {};
  return { decision: accept({ type: 'ResourceDeclared', key, uid: intent.uid, object, ...provider, ...secretFields, by }), warnings };
}

/** The submitted object, defaults included, with its owners. What the server adds to it afterwards is nobody's. */
function ownedFrom(submitted: KubeObject, intent: DeclareResource): KubeObject {
  if (intent.owners) return withManagedFields(submitted, intent.owners.managedFields);
  return withOwners(undefined, submitted, intent, intent.body.metadata.managedFields);
}

const attemptsMax = 8;

function chooseName(metadata: ObjectMeta, { kind, namespace, random }: DeclareResource, account: AccountState): string {
  if (metadata.name || !metadata.generateName) return metadata.name ?? '';
  let name = '';
  for (let attempt = 0; attempt < attemptsMax; attempt++) {
    name = generateName(metadata.generateName, (below) => Math.floor(random() * below));
    if (!account.find({ group: kind.group, resource: kind.resource, namespace: kind.namespaced ? namespace : '', name })) return name;
  }
  return name;
}

/** The object as it comes into the world: what only the server may say is said by the server. */
function bear(submitted: KubeObject, name: string, intent: DeclareResource, account: AccountState): KubeObject {
  const { kind, version, rules, uid, by } = intent;
  const { labels, annotations, finalizers, ownerReferences, generateName: prefix, namespace, managedFields } = submitted.metadata;
  const metadata: ObjectMeta = {
    name,
    ...(prefix ? { generateName: prefix } : {}),
    ...(namespace ? { namespace } : {}),
    uid,
    creationTimestamp: `${by.at.slice(0, 19)}Z`,
    ...(kind.hasGeneration ? { generation: 1 } : {}),
    ...(labels ? { labels } : {}),
    ...(annotations ? { annotations } : {}),
    ...(finalizers ? { finalizers } : {}),
    ...(ownerReferences ? { ownerReferences } : {}),
    ...(managedFields ? { managedFields } : {}),
  };
  const { apiVersion, kind: kindName, metadata: _, status, ...content } = submitted;
  const prepared: KubeObject = {
    apiVersion,
    kind: kindName,
    metadata,
    ...content,
    ...(version.statusSubresource || status === undefined ? {} : { status }),
  };
  const completed = rules?.complete?.(prepared) ?? prepared;
  const object = rules?.prepare?.(completed, by, account) ?? completed;
  const first = rules?.firstStatus?.(object, by.at, account);
  if (first) return withMeshStatus(object, first, { kind, version, by });
  return kind.source.type === 'bound' && version.statusSubresource
    ? withWaitingStatus(object, waitingStatus(by.at), { kind, version, by })
    : object;
}

function schemaOf(intent: DeclareResource): CompiledSchema {
  const written = writtenVersion(intent);
  return (intent.kind.versions.find(({ name }) => name === written) ?? intent.version).schema;
}
