import type { JsonObject } from '#kube';

/** What a provider says about one instance, as the bridge hands it in. */
export type ProviderReport = {
  /** Cluster name of the workspace. */
  readonly cluster: string;
  readonly uid: string;
  /** Whose report it is, from the topic that only this export's provider may write: the object must be of this export and plural. */
  readonly export: string;
  readonly resource: string;
  readonly observedGeneration: number;
  /** 20 digits, comparable as text. */
  readonly sequence: string;
  readonly status: JsonObject | undefined;
  /** Deletion is acknowledged: nothing of the instance is left. */
  readonly released: boolean;
  /** `<topic>/<partition>/<offset>` */
  readonly cause: string;
};

/** A report that is set aside. `cluster` and `uid` are as the record's key names them: there may be no such object. */
export type ParkedReport = Pick<ProviderReport, 'cluster' | 'uid' | 'export' | 'resource' | 'cause'> & { readonly reason: string };

export type ReportOutcome =
  | { readonly type: 'applied' }
  /** Not newer than the last one applied. */
  | { readonly type: 'duplicate' }
  /** There is no such object any more. */
  | { readonly type: 'unknown' }
  /** A stranger's object, or a status that breaks the schema. */
  | { readonly type: 'refused'; readonly reason: string };
