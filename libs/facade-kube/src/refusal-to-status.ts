import { groupResource, invalidMessage, statusFailure, type ResourceKey, type StatusDetails, type StatusFailure } from '#kube';
import type { Refusal } from '#account';

type RefusalOf<Type extends Refusal['type']> = Extract<Refusal, { readonly type: Type }>;

/** The one place where the account's words become the words that kubectl knows. */
export function refusalToStatus(refusal: Refusal): StatusFailure {
  return (statusOf[refusal.type] as (refusal: Refusal) => StatusFailure)(refusal);
}

const statusOf: { readonly [Type in Refusal['type']]: (refusal: RefusalOf<Type>) => StatusFailure } = {
  ResourceExists: ({ key, generated }) => {
    if (!generated) return statusFailure('AlreadyExists', `${quoted(key)} already exists`, detailsOf(key));
    const message = `${quoted(key)} already exists, the server was not able to generate a unique name for the object`;
    return statusFailure('AlreadyExists', message, { ...detailsOf(key), retryAfterSeconds: 1 });
  },
  ResourceUnknown: ({ key }) => notFound(key),
  ResourceMoved: ({ key }) =>
    statusFailure(
      'Conflict',
      `Operation cannot be fulfilled on ${quoted(key)}: the object has been modified; please apply your changes to the latest version and try again`,
      detailsOf(key),
    ),
  VersionUnfit: ({ message }) => statusFailure('', message),
  PreconditionFailed: ({ key, kind, message }) => {
    const named = { group: key.group, resource: kind, name: key.name };
    return statusFailure('Conflict', `Operation cannot be fulfilled on ${quoted(named)}: ${message}`, detailsOf(named));
  },
  KindGone: ({ key }) => statusFailure('NotFound', 'the server could not find the requested resource', detailsOf(key)),
  NamespaceUnknown: ({ namespace }) => notFound({ group: '', resource: 'namespaces', name: namespace }),
  NamespaceTerminating: ({ key }) =>
    statusFailure(
      'Forbidden',
      `${quoted(key)} is forbidden: unable to create new content in namespace ${key.namespace} because it is being terminated`,
      {
        ...detailsOf(key),
        causes: [
          { reason: 'NamespaceTerminating', message: `namespace ${key.namespace} is being terminated`, field: 'metadata.namespace' },
        ],
      },
    ),
  ObjectInvalid: ({ group, kind, name, causes }) =>
    statusFailure('Invalid', invalidMessage(kind, group, name, causes), { ...detailsOf({ group, resource: kind, name }), causes }),
  UidUnmatched: ({ key, uid }) =>
    statusFailure(
      'Conflict',
      `Operation cannot be fulfilled on ${quoted(key)}: uid mismatch: the provided object specified uid ${uid}, and no existing object was found`,
      detailsOf(key),
    ),
  FieldsContested: ({ message, causes }) => statusFailure('Conflict', message, { causes }),
  ConfigurationUnfit: ({ message }) => statusFailure('', message),
  RequestMalformed: ({ message }) => statusFailure('BadRequest', message),
  PatchUnfitting: ({ message }) => statusFailure('Invalid', message),
  ActionForbidden: ({ key, message }) => statusFailure('Forbidden', `${quoted(key)} is forbidden: ${message}`, detailsOf(key)),
  CreationNotGranted: ({ key, message }) => statusFailure('Forbidden', message, detailsOf(key)),
  ObjectGiven: ({ key }) =>
    statusFailure('Forbidden', `${quoted(key)} is forbidden: it is read-only: the mesh computes it`, detailsOf(key)),
  PolicyViolated: ({ key, reason, message }) =>
    statusFailure(policyReasons.get(reason) ?? 'Invalid', `${quoted(key)} is forbidden: ${message}`, {
      ...detailsOf(key),
      causes: [{ message }],
    }),
  ObjectTooLarge: ({ bytes, bytesMax }) =>
    statusFailure('RequestEntityTooLarge', `the object is too large: ${bytes} bytes, the limit is ${bytesMax}`),
};

/** The reasons that a policy may give. */
const policyReasons: ReadonlyMap<string, 'Forbidden' | 'Invalid' | 'RequestEntityTooLarge'> = new Map(
  (['Forbidden', 'Invalid', 'RequestEntityTooLarge'] as const).map((reason) => [reason, reason]),
);

type Named = Pick<ResourceKey, 'group' | 'resource' | 'name'>;

export function notFound(key: Named): StatusFailure {
  return statusFailure('NotFound', `${quoted(key)} not found`, detailsOf(key));
}

function quoted(key: Named): string {
  return `${groupResource(key)} ${JSON.stringify(key.name)}`;
}

/** Upstream leaves out what is empty. */
export function detailsOf({ group, resource, name }: Named): StatusDetails {
  return { ...(name === '' ? {} : { name }), ...(group === '' ? {} : { group }), ...(resource === '' ? {} : { kind: resource }) };
}
