import type { ResourceKey, StatusCause } from '#kube';

/** Everything an account may answer instead of doing what it was asked. A facade translates each row once. */
export type Refusal =
  /** `generated`: a name that the server was to make up, and none was free. */
  | { readonly type: 'ResourceExists'; readonly key: ResourceKey; readonly generated?: boolean }
  | { readonly type: 'ResourceUnknown'; readonly key: ResourceKey }
  /** The resourceVersion sent is not the object's present one. */
  | { readonly type: 'ResourceMoved'; readonly key: ResourceKey }
  /** A resourceVersion that is no number, or that stands where there is none yet. */
  | { readonly type: 'VersionUnfit'; readonly message: string }
  /** A uid or resourceVersion named as a precondition of a delete does not hold; `message` says which, in upstream's words. */
  | { readonly type: 'PreconditionFailed'; readonly key: ResourceKey; readonly kind: string; readonly message: string }
  /** The definition of the object's kind was deleted meanwhile. */
  | { readonly type: 'KindGone'; readonly key: ResourceKey }
  | { readonly type: 'NamespaceUnknown'; readonly namespace: string }
  | { readonly type: 'NamespaceTerminating'; readonly key: ResourceKey }
  /** The object breaks its schema or the rules of its kind. `kind` is what details.kind shows. */
  | {
      readonly type: 'ObjectInvalid';
      readonly group: string;
      readonly kind: string;
      readonly name: string;
      readonly causes: readonly StatusCause[];
    }
  /** The request contradicts itself: wrong apiVersion, another name than the URL's, unknown fields under Strict. */
  | { readonly type: 'RequestMalformed'; readonly message: string }
  /** A configuration names the uid of an object that is not there. */
  | { readonly type: 'UidUnmatched'; readonly key: ResourceKey; readonly uid: string }
  /** Others own fields that a configuration would change; `message` and `causes` are upstream's. */
  | { readonly type: 'FieldsContested'; readonly message: string; readonly causes: readonly StatusCause[] }
  /** A configuration that is not of its kind's type. */
  | { readonly type: 'ConfigurationUnfit'; readonly message: string }
  /** A JSON patch whose operations do not fit the object. */
  | { readonly type: 'PatchUnfitting'; readonly message: string }
  /** May not be done to this object by anyone, such as deleting the default namespace. */
  | { readonly type: 'ActionForbidden'; readonly key: ResourceKey; readonly message: string }
  /** Whoever asks may change such objects, but not create one; `message` is the whole sentence, in upstream's words. */
  | { readonly type: 'CreationNotGranted'; readonly key: ResourceKey; readonly message: string }
  /** The mesh itself put it into the workspace; nobody can change it. */
  | { readonly type: 'ObjectGiven'; readonly key: ResourceKey }
  /** A policy of the workspace denies the write; `message` names it, `reason` is what the policy says. */
  | { readonly type: 'PolicyViolated'; readonly key: ResourceKey; readonly reason: string; readonly message: string }
  | { readonly type: 'ObjectTooLarge'; readonly bytes: number; readonly bytesMax: number };
