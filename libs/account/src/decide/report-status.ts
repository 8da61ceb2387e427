import type { JsonObject, KubeObject, ServedKind, StatusCause } from '#kube';
import { accept, refuse, type Decision } from '#stream';
import type { AccountState } from '../account-state.ts';
import type { AccountEvent, EventAuthor } from '../events.ts';
import { reportedStatus } from '../health.ts';
import { providerFinalizer } from '../kind-rules.ts';
import { changed, fitting } from './object-event.ts';
import { releaseResource } from './release-resource.ts';
import { storageVersionOf, withOwners } from './track-fields.ts';

/** A provider tells how far an instance is. */
export type ReportStatus = {
  readonly uid: string;
  /** Whose report it is; it must be whose object it is. */
  readonly export: string;
  readonly resource: string;
  readonly observedGeneration: number;
  /** The provider's counter for this object, comparable as text (20 digits). */
  readonly sequence: string;
  readonly status: JsonObject | undefined;
  /** Deletion is acknowledged: nothing of the instance is left. */
  readonly released: boolean;
  readonly kind: ServedKind;
  readonly by: EventAuthor;
};

export type ReportRefusal =
  | { readonly type: 'ReportForStranger'; readonly message: string }
  | { readonly type: 'ReportInvalid'; readonly message: string; readonly causes: readonly StatusCause[] };

/**
 * Accepts nothing (no events) for an object that is gone, and for a report that is not newer than the last one applied. A provider whose clock was
 * set back while it did not run may count from below: its release, and its first answer to a generation, are news all the same.
 */
export function reportStatus(report: ReportStatus, account: AccountState): Decision<AccountEvent, ReportRefusal> {
  const record = account.findByUid(report.uid);
  if (!record) return accept();
  if (record.provider?.export !== report.export || record.key.resource !== report.resource) {
    return refuse({
      type: 'ReportForStranger',
      message: `object ${report.uid} is not of ${report.resource} of the export ${report.export}`,
    });
  }
  if (report.released && record.deleting)
    return releaseResource({ key: record.key, uid: record.uid, finalizer: providerFinalizer, by: report.by }, account);
  if (record.sequence !== undefined && report.sequence <= record.sequence && !isFirstAnswer(report, record.object)) return accept();

  const { object } = record;
  const generation = object.metadata.generation ?? 1;
  if (!Number.isInteger(report.observedGeneration) || report.observedGeneration < 1 || report.observedGeneration > generation) {
    return refuse({
      type: 'ReportInvalid',
      message: `observedGeneration ${report.observedGeneration} is not one of 1 to ${generation}`,
      causes: [],
    });
  }
  if (report.status === undefined) return accept();
  const version = storageVersionOf(report.kind);
  const pruned = version.schema.prune({ ...object, status: report.status } as unknown as JsonObject).object;
  const causes = version.schema.validate(pruned, object as unknown as JsonObject);
  if (causes.length > 0)
    return refuse({ type: 'ReportInvalid', message: causes.map(({ field, message }) => `${field}: ${message}`).join(', '), causes });
  const status = reportedStatus(
    object,
    { observedGeneration: report.observedGeneration, status: (pruned['status'] ?? {}) as JsonObject },
    report.by.at,
  );
  const { kind, by } = report;
  const reported = withOwners(object, { ...object, status }, { kind, version, by, subresource: 'status' });
  const event = changed('StatusReported', record, fitting(reported), { account, by, kind });
  return accept({ ...event, type: 'StatusReported', sequence: report.sequence } as AccountEvent);
}

function isFirstAnswer({ observedGeneration }: ReportStatus, object: KubeObject): boolean {
  const answered = (object.status as JsonObject | undefined)?.['observedGeneration'];
  return typeof answered === 'number' && observedGeneration > answered;
}
