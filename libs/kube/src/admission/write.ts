import type { Ask, AskingUser } from '../cel/functions/authorizer.ts';
import type { JsonObject } from '../json.ts';
import type { KubeObject } from '../kube-object.ts';

/** One write, as policies see it: upstream's admission attributes. */
export type Write = {
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE';
  /** As which version it was asked for. */
  readonly requested: RequestedResource;
  /** The other versions of the same resource. */
  readonly equivalents: () => readonly RequestedResource[];
  readonly subresource: string;
  /** Of a Namespace, its own name; '' for all else that is cluster-scoped. */
  readonly namespace: string;
  /** '' where the server makes it up. */
  readonly name: string;
  readonly user: AskingUser & { readonly uid: string; readonly extra: Readonly<Record<string, readonly string[]>> };
  readonly dryRun: boolean;
  readonly options: JsonObject;
  /** In the version in which they are kept; undefined for a deletion, and for a creation. */
  readonly object: KubeObject | undefined;
  readonly oldObject: KubeObject | undefined;
  readonly inVersion: (object: KubeObject, as: RequestedResource) => KubeObject;
  readonly namespaceObject: (name: string) => KubeObject | undefined;
  readonly ask: Ask;
};

export type RequestedResource = {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  /** The Kind. */
  readonly kind: string;
  /** Of the Kind, where it is not that of the resource: a Scale is of `autoscaling/v1`. */
  readonly kindOf?: { readonly group: string; readonly version: string };
};
