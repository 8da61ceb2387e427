import type { ParkedReport, ProviderReport, ReportOutcome } from '#workspace';

/** What the bridge asks of the workspaces: to record what a provider says about one object. */
export interface ReportPort {
  /** Durable when it resolves. The same report may come again. Throws only for outages and bugs; then the report is tried again. */
  report(report: ProviderReport): Promise<ReportOutcome>;
  /** A report about an object is set aside; its consumer may want to know. The same may come again. Throws only for outages and bugs. */
  parked(report: ParkedReport): Promise<void>;
}
