import type { KubeObject } from './kube-object.ts';
import type { CompiledSchema } from './schema/compiled-schema.ts';

export type KubeVerb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection';

/** An additionalPrinterColumn, as upstream spells it. `jsonPath` is the simple dialect: `.spec.region`, `.status.conditions[?(@.type=="Ready")].status`. */
export type PrinterColumn = {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'date';
  readonly jsonPath: string;
  /** Makes the cell where no path can say it; `jsonPath` then only names what it is about. */
  readonly read?: (object: KubeObject) => unknown;
  readonly description?: string;
  readonly format?: string;
  readonly priority?: number;
};

export type ServedVersion = {
  /** `v1alpha1` */
  readonly name: string;
  readonly served: boolean;
  readonly schema: CompiledSchema;
  /** Whether `/status` is an endpoint of its own; then the main endpoint ignores `status`. */
  readonly statusSubresource: boolean;
  /** Empty means upstream's default: Name and Age. */
  readonly columns: readonly PrinterColumn[];
  /** JSON paths usable in a fieldSelector, without the leading dot: `spec.region`. */
  readonly selectableFields: readonly string[];
  /** What such a field is compared with, where it is no path. */
  readonly selectedBy?: Readonly<Record<string, (object: KubeObject) => string>>;
  /** Where `/scale` finds and puts the count of replicas. Absent: there is no such endpoint. */
  readonly scale?: ScalePaths;
  /** Text of the Warning header, where the version is deprecated. */
  readonly deprecationWarning?: string;
};

/** JSON paths in dot notation: `.spec.replicas`. */
export type ScalePaths = {
  readonly specReplicasPath: string;
  readonly statusReplicasPath: string;
  readonly labelSelectorPath?: string;
};

/** Which names a kind accepts; the texts of refusals differ. */
export type NameRule = 'dns1123subdomain' | 'dns1123label' | 'dns1035label' | 'pathSegment';

/**
 * One kind that a workspace serves. Discovery, routing, OpenAPI, printing and the verbs all read this one table row;
 * a workspace's list of rows is shared between workspaces that serve the same.
 */
export type ServedKind = {
  readonly group: string;
  /** Lower-case plural. */
  readonly resource: string;
  readonly singular: string;
  readonly kind: string;
  readonly listKind: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly namespaced: boolean;
  readonly nameRule: NameRule;
  readonly verbs: readonly KubeVerb[];
  /** In order of priority, preferred first. */
  readonly versions: readonly ServedVersion[];
  /** The version in which objects are kept. */
  readonly storageVersion: string;
  /** Whether PUT without resourceVersion overwrites (upstream: some built-ins) or is refused (custom resources). */
  readonly unconditionalUpdate: boolean;
  /** Whether `metadata.generation` counts changes outside metadata and status. */
  readonly hasGeneration: boolean;
  /** Changes an object's shape between versions where more than apiVersion differs. Absent: only apiVersion changes. */
  readonly convert?: (object: KubeObject, toVersion: string) => KubeObject;
  /** Who changes an object's shape between versions, where that is a consumer's own server. `convert` is of no use then. */
  readonly webhook?: ConversionWebhook;
  /** Whether whoever asks wants objects as they are kept, in whichever version that is: they are converted later. */
  readonly shownAsKept?: boolean;
  /** Whether objects are not meant to last: they are kept apart from the account's history, under positions of their own. */
  readonly ephemeral?: boolean;
  /** Whether `/finalize` is an endpoint of its own: the only one that changes `spec.finalizers`. */
  readonly finalizeSubresource?: boolean;
  /** Whether `/token` is an endpoint of its own, which answers a TokenRequest. */
  readonly tokenSubresource?: boolean;
  /** Whether a PUT to what is not there creates it. */
  readonly createdByUpdate?: boolean;
  /** Whether a deletion that is done at once is answered with the object as it was, instead of a Status. */
  readonly shownWhenDeleted?: boolean;
  /** Whether clients have this kind compiled in: such a kind takes strategic merge patches, which no custom resource does. */
  readonly compiledIn?: boolean;
  readonly source: KindSource;
};

/** https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definition-versioning/#webhook-conversion */
export type ConversionWebhook = {
  /** Absent: the definition names a Service, of which a workspace has none. */
  readonly url: string | undefined;
  /** PEM. Absent: certificates are judged by the authorities that the server trusts. */
  readonly caBundle: string | undefined;
  /** Of ConversionReview. */
  readonly reviewVersion: 'v1' | 'v1beta1';
};

export type KindSource =
  | { readonly type: 'builtin' }
  /** Computed on read; it has no events of its own and takes no writes. */
  | { readonly type: 'computed' }
  /** `definition` is the name of the CustomResourceDefinition, in the same workspace. */
  | { readonly type: 'custom'; readonly definition: string }
  | { readonly type: 'bound'; readonly binding: string; readonly provider: BoundProvider };

/** Whose API a bound kind is: the cluster name of the provider's workspace, and its export. */
export type BoundProvider = { readonly cluster: string; readonly export: string; readonly identityHash: string };
