import type { JsonObject } from '../json.ts';

export const metaV1 = 'io.k8s.apimachinery.pkg.apis.meta.v1';

type Fields = { readonly [name: string]: JsonObject };

const text = (description: string): JsonObject => ({ type: 'string', description });
const flag = (description: string): JsonObject => ({ type: 'boolean', description });
const count = (description: string, format = 'int64'): JsonObject => ({ type: 'integer', format, description });
const texts = (description: string): JsonObject => ({ type: 'array', description, items: { type: 'string' } });
const textMap = (description: string): JsonObject => ({ type: 'object', description, additionalProperties: { type: 'string' } });

function object(description: string, properties: Fields, required: readonly string[] = []): JsonObject {
  return { type: 'object', description, properties, ...(required.length > 0 ? { required } : {}) };
}

export const apiVersionSchema = text(
  'The version of the API that this object is written in: group and version, or the version alone in the core group.',
);
export const kindSchema = text('What this object is, in CamelCase. The endpoint it is sent to implies it; it cannot change.');

/**
 * The types that every document refers to. Names and fields are Kubernetes'; the texts are ours.
 * `ref` makes a reference of a name: the two versions of OpenAPI keep definitions in different places.
 */
export function metaDefinitions(ref: (name: string) => JsonObject): { readonly [name: string]: JsonObject } {
  return Object.fromEntries(Object.entries(definitions(ref)).map(([name, definition]) => [`${metaV1}.${name}`, definition]));
}

function definitions(ref: (name: string) => JsonObject): Fields {
  const meta = (name: string): JsonObject => ref(`${metaV1}.${name}`);
  return {
    ObjectMeta: objectMeta(meta),
    OwnerReference: ownerReference,
    ManagedFieldsEntry: managedFieldsEntry(meta),
    FieldsV1: { type: 'object', description: 'A set of fields as a tree; each key names a field, a list item or a value.' },
    Time: { type: 'string', format: 'date-time', description: 'A moment in RFC 3339, to the second.' },
    ListMeta: listMeta,
    Status: status(meta),
    StatusDetails: statusDetails(meta),
    StatusCause: statusCause,
    DeleteOptions: deleteOptions(meta),
    Preconditions: preconditions,
    WatchEvent: object(
      'One change seen by a watch.',
      {
        type: text('ADDED, MODIFIED, DELETED, BOOKMARK or ERROR.'),
        object: { type: 'object', description: 'The object after the change, or a Status for ERROR.' },
      },
      ['type', 'object'],
    ),
    Patch: { type: 'object', description: 'A change to an object, in the form that the Content-Type names.' },
  };
}

function objectMeta(meta: (name: string) => JsonObject): JsonObject {
  return object('What every object says about itself: its name, its labels, and what the server notes about it.', {
    annotations: textMap('Notes for tools. Not used to select objects. At most 256 KiB together.'),
    creationTimestamp: described(meta('Time'), 'When the object was created. Set by the server.'),
    deletionGracePeriodSeconds: count('Seconds the object had to end by itself after its deletion was asked for. Set by the server.'),
    deletionTimestamp: described(
      meta('Time'),
      'When deletion was asked for. The object is gone once no finalizers are left. Set by the server.',
    ),
    finalizers: {
      ...texts('Who still has something to do before the object may vanish.'),
      'x-kubernetes-list-type': 'set',
      'x-kubernetes-patch-strategy': 'merge',
    },
    generateName: text('A prefix; the server appends random characters to make a name of it. Used where name is empty.'),
    generation: count('Counts the changes of what is wanted. Set by the server.'),
    labels: textMap('Keys and values by which objects are selected.'),
    managedFields: {
      type: 'array',
      description: 'Which manager set which fields. Kept by the server.',
      items: meta('ManagedFieldsEntry'),
      'x-kubernetes-list-type': 'atomic',
    },
    name: text('Unique among the objects of one kind in its namespace. Cannot change.'),
    namespace: text('Within which the name is unique. Empty for kinds that belong to the whole workspace. Cannot change.'),
    ownerReferences: {
      type: 'array',
      description: 'The objects that this one belongs to. When all are gone, it goes too.',
      items: meta('OwnerReference'),
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['uid'],
      'x-kubernetes-patch-merge-key': 'uid',
      'x-kubernetes-patch-strategy': 'merge',
    },
    resourceVersion: text('Changes with every change of the object. Opaque to clients; sent back to detect conflicts. Set by the server.'),
    selfLink: text('No longer set.'),
    uid: text('Unique in time and space, even when a name is used again. Set by the server.'),
  });
}

/** Siblings of a reference are ignored by the specification, so a described one is wrapped. */
export function described(reference: JsonObject, description: string): JsonObject {
  return { description, allOf: [reference] };
}

const ownerReference: JsonObject = {
  ...object(
    'Names an owner in the same namespace, or one of the whole workspace.',
    {
      apiVersion: text('API version of the owner.'),
      blockOwnerDeletion: flag('Whether the owner, deleted in the foreground, waits until this object is gone.'),
      controller: flag('Whether the owner is the controller in charge.'),
      kind: text('Kind of the owner.'),
      name: text('Name of the owner.'),
      uid: text('Uid of the owner.'),
    },
    ['apiVersion', 'kind', 'name', 'uid'],
  ),
  'x-kubernetes-map-type': 'atomic',
};

function managedFieldsEntry(meta: (name: string) => JsonObject): JsonObject {
  return object('The fields that one manager set, in one way, by one version of the API.', {
    apiVersion: text('The version that the fields are named in.'),
    fieldsType: text('The form of the set of fields: FieldsV1.'),
    fieldsV1: described(meta('FieldsV1'), 'The set of fields.'),
    manager: text('Who set the fields.'),
    operation: text('Apply or Update.'),
    subresource: text('The endpoint through which they were set, where it was not the main one.'),
    time: described(meta('Time'), 'When the set last changed.'),
  });
}

const listMeta = object('What a list says about itself.', {
  continue: text('Where to go on; empty when the list is complete.'),
  remainingItemCount: count('How many objects follow, where known.'),
  resourceVersion: text('The state that the list shows. A watch goes on from here.'),
  selfLink: text('No longer set.'),
});

function status(meta: (name: string) => JsonObject): JsonObject {
  const fields = {
    apiVersion: apiVersionSchema,
    code: count('The HTTP status code; 0 if not set.', 'int32'),
    details: described(meta('StatusDetails'), 'What the message is about, for programs.'),
    kind: kindSchema,
    message: text('What happened, for people.'),
    metadata: described(meta('ListMeta'), 'Mostly empty.'),
    reason: text('Why it failed, in one word.'),
    status: text('Success or Failure.'),
  };
  return {
    ...object('What came of a request that has no object to return.', fields),
    'x-kubernetes-group-version-kind': [{ group: '', version: 'v1', kind: 'Status' }],
  };
}

function statusDetails(meta: (name: string) => JsonObject): JsonObject {
  return object('What a Status is about.', {
    causes: { type: 'array', description: 'Each thing that is wrong.', items: meta('StatusCause'), 'x-kubernetes-list-type': 'atomic' },
    group: text('Group of the object.'),
    kind: text('Kind or resource of the object.'),
    name: text('Name of the object.'),
    retryAfterSeconds: count('How long to wait before trying again.', 'int32'),
    uid: text('Uid of the object.'),
  });
}

const statusCause = object('One thing that is wrong.', {
  field: text('The field, as a path: spec.items[0].name.'),
  message: text('What is wrong, for people.'),
  reason: text('What is wrong, in one word.'),
});

function deleteOptions(meta: (name: string) => JsonObject): JsonObject {
  const fields = {
    apiVersion: apiVersionSchema,
    dryRun: { ...texts('All: check everything, change nothing.'), 'x-kubernetes-list-type': 'atomic' },
    gracePeriodSeconds: count('Seconds before deletion, for kinds that end gracefully.'),
    kind: kindSchema,
    orphanDependents: flag('Old form of propagationPolicy.'),
    preconditions: described(meta('Preconditions'), 'What must hold; otherwise the answer is 409 Conflict.'),
    propagationPolicy: text('What becomes of dependents: Orphan, Background or Foreground.'),
  };
  return object('How to delete.', fields);
}

const preconditions = object('What must hold of an object before it is deleted.', {
  resourceVersion: text('The resourceVersion it must have.'),
  uid: text('The uid it must have.'),
});
