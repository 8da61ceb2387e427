import type { JsonObject } from '#kube';

/** What the bridge asks of the workspaces: to record what a provider says about one object. */
export interface ReportPort {
  /** Durable when it resolves. The same report may come again. Throws only for outages and bugs; then the report is tried again. */
  report(report: ProviderReport): Promise<ReportOutcome>;
  /** A report about an object is set aside; its consumer may want to know. The same may come again. Throws only for outages and bugs. */
  parked(report: ParkedReport): Promise<void>;
}

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
  readonly released: boolean;
  /** UUIDv5 of topic, partition and offset: the same report has the same id whenever it comes. */
  readonly eventId: string;
  /** `<topic>/<partition>/<offset>` */
  readonly cause: string;
};

/** `cluster` and `uid` as the record's key names them; nobody has looked yet whether there is such an object. */
export type ParkedReport = Pick<ProviderReport, 'cluster' | 'uid' | 'export' | 'resource' | 'cause'> & { readonly reason: string };

export type ReportOutcome =
  | { readonly type: 'applied' }
  /** Not newer than the last one applied. */
  | { readonly type: 'duplicate' }
  /** There is no such object any more. */
  | { readonly type: 'unknown' }
  /** A stranger's object, or a status that breaks the schema. */
  | { readonly type: 'refused'; readonly reason: string };
