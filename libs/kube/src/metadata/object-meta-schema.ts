import { equalJson } from '../equal-json.ts';
import type { JsonObject } from '../json.ts';
import type { OwnerReference } from '../kube-object.ts';

const text = { type: 'string', nullable: true } as const;
const time = { type: 'string', format: 'date-time', nullable: true } as const;
const count = { type: 'integer', format: 'int64', nullable: true } as const;
const flag = { type: 'boolean', nullable: true } as const;
const texts = { type: 'object', nullable: true, additionalProperties: text } as const;

const ownerReference = {
  type: 'object',
  nullable: true,
  properties: { apiVersion: text, kind: text, name: text, uid: text, controller: flag, blockOwnerDeletion: flag },
} as const;

const managedFieldsEntry = {
  type: 'object',
  nullable: true,
  properties: {
    manager: text,
    operation: text,
    apiVersion: text,
    time,
    fieldsType: text,
    fieldsV1: { type: 'object', nullable: true, 'x-kubernetes-preserve-unknown-fields': true },
    subresource: text,
  },
} as const;

/**
 * The fields of ObjectMeta and their types, as clients may send them: null stands for "not set" everywhere.
 * https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/
 */
export const objectMetaSchema: JsonObject = {
  type: 'object',
  properties: {
    name: text,
    generateName: text,
    namespace: text,
    selfLink: text,
    uid: text,
    resourceVersion: text,
    generation: count,
    creationTimestamp: time,
    deletionTimestamp: time,
    deletionGracePeriodSeconds: count,
    labels: texts,
    annotations: texts,
    ownerReferences: { type: 'array', nullable: true, items: ownerReference },
    finalizers: { type: 'array', nullable: true, items: text },
    managedFields: { type: 'array', nullable: true, items: managedFieldsEntry },
  },
};

/** Drops references that repeat another one wholly; their uids go into the warning that clients get. */
export function dedupeOwnerReferences(references: readonly OwnerReference[]): {
  readonly references: readonly OwnerReference[];
  readonly duplicateUids: readonly string[];
} {
  const kept: OwnerReference[] = [];
  const duplicateUids: string[] = [];
  for (const reference of references) {
    if (kept.some((other) => equalJson({ ...other }, { ...reference }))) duplicateUids.push(reference.uid);
    else kept.push(reference);
  }
  return { references: duplicateUids.length === 0 ? references : kept, duplicateUids };
}
