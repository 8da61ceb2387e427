import type { JsonObject, KubeObject, StatusCause } from '#kube';
import type { AccountState } from './account-state.ts';
import type { EventAuthor } from './events.ts';
import type { Refusal } from './refusal.ts';

/** What the mesh knows about a kind beyond its schema. All parts are optional; a kind without rules is a plain custom resource. */
export type KindRules = {
  /** What a client sent, in the form in which the kind is kept. Answers upstream's words where it cannot be read. */
  readonly read?: (sent: KubeObject) => KubeObject | string;
  /** What the server itself fills in at creation, such as `spec.creator`. */
  readonly prepare?: (object: KubeObject, author: EventAuthor, account: AccountState) => KubeObject;
  /** Defaults that a schema cannot express, filled in at every write. */
  readonly complete?: (object: KubeObject) => KubeObject;
  /** Violations that a schema cannot express. `account` tells where the object lives. What it is given may break the schema. */
  readonly check?: (object: KubeObject, old: KubeObject | undefined, account: AccountState) => readonly StatusCause[];
  /** The same for what relies on the schema: not asked where that is broken. */
  readonly checkSound?: KindRules['check'];
  /** Why whoever asks may not write this, judged by the state that the write would change. Asked last. */
  readonly permit?: (object: KubeObject, old: KubeObject | undefined, account: AccountState) => Refusal | undefined;
  /** What a change through the main endpoint leaves as it is, or what the server writes into it. */
  readonly keep?: (next: KubeObject, present: KubeObject) => KubeObject;
  /** The same for `/status`: what a client may not unsay there. */
  readonly keepStatus?: (next: KubeObject['status'], present: KubeObject) => KubeObject['status'];
  /** The status that an object is born with, in the event of its creation. */
  readonly firstStatus?: (object: KubeObject, at: string, account: AccountState) => JsonObject;
  /** The status after the consumer changed the spec, in the event of that change. */
  readonly revisedStatus?: (object: KubeObject, at: string, account: AccountState) => JsonObject;
  /** The status after the consumer changed metadata alone, in the event of that change. */
  readonly annotatedStatus?: (object: KubeObject, at: string, account: AccountState) => JsonObject;
  /** What whoever writes a sound object should be told. */
  readonly warnings?: (object: KubeObject, old: KubeObject | undefined) => readonly string[];
  /** The status that a deletion request writes, in the event of the request. */
  readonly deletingStatus?: (object: KubeObject) => JsonObject;
  /** A finalizer that the mesh adds when deletion is asked for, and removes when its own work is done. */
  readonly finalizer?: string;
  /** Whether its deletion is nobody else's business: whatever is said about dependents has no meaning for this kind. */
  readonly withoutDependents?: boolean;
  /** Why this object may never be deleted. */
  readonly undeletable?: (object: KubeObject) => string | undefined;
};

/** The mesh's finalizer on an instance of a bound API: the provider's acknowledgement removes it. */
export const providerFinalizer = 'tributary.io/provider-release';

/** What happens to those who depend on an object that is deleted: afterwards, before, or never. */
export type Propagation = 'Background' | 'Foreground' | 'Orphan';

/** Holds an object until those of its dependents are gone that block its deletion. */
export const foregroundFinalizer = 'foregroundDeletion';

/** Holds an object until nobody depends on it any more; nothing else is deleted. */
export const orphanFinalizer = 'orphan';

/** Everything that the kind has against an object, besides its schema, of which `broken` is known. */
export function ruleViolations(
  rules: KindRules | undefined,
  broken: readonly StatusCause[],
  ...asked: Parameters<NonNullable<KindRules['check']>>
): readonly StatusCause[] {
  if (rules === undefined) return [];
  return [...(rules.check?.(...asked) ?? []), ...(broken.length === 0 ? (rules.checkSound?.(...asked) ?? []) : [])];
}
