import { statusFailure, type StatusFailure } from '#kube';

/** Only those who may enter every workspace get so far. */
export function workspaceUnknown(workspace: string): StatusFailure {
  return statusFailure('NotFound', `workspace ${JSON.stringify(workspace)} not found`, {
    name: workspace,
    group: 'tenancy.kcp.io',
    kind: 'workspaces',
  });
}
