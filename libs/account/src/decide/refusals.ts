import {
  definitionsGroup,
  definitionsResource,
  type JsonObject,
  type KubeObject,
  type ResourceKey,
  type ServedKind,
  type ServedVersion,
  type StatusCause,
} from '#kube';
import type { AccountState } from '../account-state.ts';
import { unreadable } from '../admission.ts';
import type { Refusal } from '../refusal.ts';

/** The largest object that is kept, as upstream's store has it. */
export const bytesMax = 1_572_864;

/** Why nothing may be created in this namespace, or in this workspace. */
export function namespaceRefusal(key: ResourceKey, account: AccountState): Refusal | undefined {
  if (account.phase !== 'open') {
    return {
      type: 'ActionForbidden',
      key,
      message: `unable to create new content in workspace ${account.path} because it is being terminated`,
    };
  }
  if (key.namespace === '') return undefined;
  const namespace = account.find({ group: '', resource: 'namespaces', namespace: '', name: key.namespace });
  if (!namespace) return { type: 'NamespaceUnknown', namespace: key.namespace };
  return namespace.deleting ? { type: 'NamespaceTerminating', key } : undefined;
}

/**
 * A kind that clients have compiled in is a type to upstream, and a field of another type makes the body unreadable. Tools may answer an Invalid by
 * deleting and making the object anew, which must not happen here.
 */
export function mistyped(
  { kind, version }: { readonly kind: ServedKind; readonly version: ServedVersion },
  causes: readonly StatusCause[],
): Refusal | undefined {
  if (kind.compiledIn !== true) return undefined;
  const faults = causes.filter(({ reason }) => reason === 'FieldValueTypeInvalid').map(({ field, message }) => `${field}: ${message}`);
  return faults.length === 0 ? undefined : { type: 'RequestMalformed', message: unreadable(kind, version, faults.join(', ')) };
}

/**
 * Where the values of a body are of another type than the schema of its compiled-in kind says: the kind's own completion takes types for granted.
 * Its status is left out where it has an endpoint of its own.
 */
export function typeFaults({ kind, version }: { kind: ServedKind; version: ServedVersion }, body: KubeObject): readonly StatusCause[] {
  if (kind.compiledIn !== true) return [];
  const { status, ...rest } = body;
  const checked = version.statusSubresource || status === undefined ? rest : body;
  return version.schema.validate(checked as unknown as JsonObject).filter(({ reason }) => reason === 'FieldValueTypeInvalid');
}

/** Why no object of a consumer's own kind may be created any more, whatever the one who asks has seen of its definition. */
export function definitionRefusal({ source }: ServedKind, key: ResourceKey, account: AccountState): Refusal | undefined {
  if (source.type !== 'custom') return undefined;
  const definition = account.find({ group: definitionsGroup, resource: definitionsResource, namespace: '', name: source.definition });
  if (!definition) return { type: 'KindGone', key };
  const message = 'create not allowed while custom resource definition is terminating';
  return definition.deleting ? { type: 'ActionForbidden', key, message } : undefined;
}

export function invalid(
  { kind, body }: { kind: ServedKind; body?: { kind: string } },
  name: string,
  causes: readonly StatusCause[],
): Refusal {
  return { type: 'ObjectInvalid', group: kind.group, kind: body?.kind ?? kind.kind, name, causes };
}
