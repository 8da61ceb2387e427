import { statusFailure, type StatusFailure } from '#kube';

/** Only those who may enter every workspace get so far. */
export function workspaceUnknown(workspace: string): StatusFailure {
  return statusFailure('NotFound', `workspace ${JSON.stringify(workspace)} not found`, {
    name: workspace,
    group: 'tenancy.kcp.io',
    kind: 'workspaces',
  });
}

/** Ports name their outages; these are another library's classes, and their names are their contract. */
export function outageStatus(error: unknown): StatusFailure {
  if (error instanceof Error && error.name === 'LogUnavailable')
    return statusFailure('ServiceUnavailable', 'the log cannot take this now; what was not answered may be sent again');
  if (error instanceof Error && error.name === 'ConversionFailed') return statusFailure('', error.message);
  return statusFailure('InternalError', 'Internal error occurred: the server met a fault of its own; its log names it by the Audit-Id');
}
