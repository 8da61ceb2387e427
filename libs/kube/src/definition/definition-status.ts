import type { Json, JsonObject } from '../json.ts';
import type { KubeObject } from '../kube-object.ts';
import { acceptNames, type TakenNames } from './accept-names.ts';
import { approvalOf } from './api-approval.ts';
import { specOfDefinition, statusOfDefinition, storageVersionName, type DefinitionCondition } from './definition.ts';

/**
 * The status of a definition that was created or changed: which names it has, and whether it is served. Upstream's
 * controllers find that out one after the other; here it is said in one piece, together with the change.
 */
export function definitionStatus(definition: KubeObject, taken: TakenNames, at: string): JsonObject {
  const spec = specOfDefinition(definition);
  const status = statusOfDefinition(definition);
  const { acceptedNames, condition } = acceptNames(spec.names, status.acceptedNames, taken);
  const wasEstablished = status.conditions?.some(({ type, status: word }) => type === 'Established' && word === 'True') === true;
  const established = wasEstablished || condition.status === 'True' ? establishedNow : notAccepted;
  const approval = approvalCondition(definition);
  const drafts = [condition, ...(wasEstablished ? [] : [established]), ...(approval ? [approval] : [])];
  const stored = status.storedVersions ?? [];
  const storage = storageVersionName(spec);
  return {
    ...(definition.status as JsonObject | undefined),
    conditions: drafts.reduce((known, draft) => withCondition(known, draft, at), status.conditions ?? []) as unknown as Json,
    acceptedNames: acceptedNames as unknown as Json,
    storedVersions: stored.includes(storage) ? stored : [...stored, storage],
  };
}

const establishedNow: DefinitionCondition = {
  type: 'Established',
  status: 'True',
  reason: 'InitialNamesAccepted',
  message: 'the initial names have been accepted',
};
const notAccepted: DefinitionCondition = {
  type: 'Established',
  status: 'False',
  reason: 'NotAccepted',
  message: 'not all names are accepted',
};

function approvalCondition({ metadata, spec }: KubeObject): DefinitionCondition | undefined {
  const approval = approvalOf((spec as { readonly group?: string } | undefined)?.group ?? '', metadata.annotations);
  if (approval === undefined) return undefined;
  const reasons = {
    approved: 'ApprovedAnnotation',
    bypassed: 'UnapprovedAnnotation',
    missing: 'MissingAnnotation',
    invalid: 'InvalidAnnotation',
  };
  const status = approval.state === 'approved' ? 'True' : 'False';
  return { type: 'KubernetesAPIApprovalPolicyConformant', status, reason: reasons[approval.state], message: approval.reason };
}

const ownConditions: ReadonlySet<string> = new Set([
  ...['NamesAccepted', 'Established', 'NonStructuralSchema', 'Terminating', 'KubernetesAPIApprovalPolicyConformant'],
]);

/** What a client writes into the status of a definition, with what the server has said there: upstream's controllers say it again. */
export function keptStatus(next: KubeObject['status'], present: KubeObject): KubeObject['status'] {
  const { conditions: known = [], acceptedNames } = statusOfDefinition(present);
  const { conditions: sent } = (next ?? {}) as { readonly conditions?: Json };
  // What is no list is refused by the schema.
  if (sent !== undefined && sent !== null && !Array.isArray(sent)) return next;
  const given = (sent ?? []) as unknown as readonly DefinitionCondition[];
  const lost = known.filter(({ type }) => ownConditions.has(type) && !given.some((condition) => condition?.type === type));
  const status = { ...(next as JsonObject | undefined), conditions: [...lost, ...given] as unknown as Json };
  return acceptedNames && !('acceptedNames' in status) ? { ...status, acceptedNames: acceptedNames as unknown as Json } : status;
}

/** The status of a definition whose deletion was asked for. */
export function terminatingStatus(definition: KubeObject): JsonObject {
  const message = 'CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon';
  return withTerminating(definition, { reason: 'InstanceDeletionPending', message }, definition.metadata.deletionTimestamp ?? '');
}

/** The same once its objects are being deleted. */
export const emptyingStatus = (definition: KubeObject, at: string): JsonObject =>
  withTerminating(definition, { reason: 'InstanceDeletionInProgress', message: 'CustomResource deletion is in progress' }, at);

function withTerminating(definition: KubeObject, why: Pick<DefinitionCondition, 'reason' | 'message'>, at: string): JsonObject {
  const { conditions = [] } = statusOfDefinition(definition);
  const terminating = withCondition(conditions, { type: 'Terminating', status: 'True', ...why }, at);
  return { ...(definition.status as JsonObject | undefined), conditions: terminating as unknown as Json };
}

function withCondition(known: readonly DefinitionCondition[], draft: DefinitionCondition, at: string): readonly DefinitionCondition[] {
  const before = known.find(({ type }) => type === draft.type);
  const unchanged = before?.status === draft.status ? before.lastTransitionTime : undefined;
  const { type, status, reason, message } = draft;
  const next = { type, status, lastTransitionTime: unchanged ?? `${at.slice(0, 19)}Z`, reason, message } as DefinitionCondition;
  return before ? known.map((condition) => (condition === before ? next : condition)) : [...known, next];
}
