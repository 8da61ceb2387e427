import type { JsonObject, KubeObject } from '#kube';

/** A kind as the workspace serves it that objects are imported into. */
export type TargetKind = {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly resource: string;
  readonly namespaced: boolean;
  readonly hasStatus: boolean;
};

export type Place = { readonly kind: TargetKind; readonly namespace: string; readonly name: string };

export type Written =
  | { readonly type: 'written'; readonly object: KubeObject }
  | { readonly type: 'exists' }
  /** `code`: the HTTP status; `reason` is the server's own sentence. */
  | { readonly type: 'refused'; readonly code: number; readonly reason: string };

/** The workspace that objects are imported into. Throws where it cannot be reached. */
export interface ImportTarget {
  /** What it serves now. */
  kinds(): Promise<readonly TargetKind[]>;
  get(place: Place): Promise<KubeObject | undefined>;
  create(place: Place, object: KubeObject, options: { readonly dryRun: boolean }): Promise<Written>;
  /** Merges a patch into an object, or into its status. */
  merge(place: Place, patch: JsonObject, subresource?: 'status'): Promise<Written>;
}

/** As whom an import writes: fields that it set are told by that. */
export const importManager = 'tributary-import';
