import type { RequestPath } from '../request-path.ts';

/** How much of a request is recorded. https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/#audit-policy */
export const auditLevels = ['None', 'Metadata', 'Request', 'RequestResponse'] as const;
export type AuditLevel = (typeof auditLevels)[number];

/** The level of one request, by the level that is asked for. Probes are not worth a line; what holds secrets is never shown. */
export function auditLevelOf(path: RequestPath, asked: AuditLevel): AuditLevel {
  if (path.type === 'refused') return shallow(asked);
  // Of a neighbour nobody knows here what its bodies hold: they may be Secrets.
  if (path.type === 'path' && path.neighbour !== undefined) return shallow(asked);
  if (path.type === 'path') return probes.test(path.path) ? 'None' : asked;
  const { group, resource, subresource } = path;
  return confidential.has(`${group}/${resource}`) || subresource === 'token' ? shallow(asked) : asked;
}

/** Without bodies. */
export const shallow = (asked: AuditLevel): AuditLevel => (asked === 'None' ? 'None' : 'Metadata');
const probes = /^\/(livez|readyz|healthz|version)(\/|$)/;
const confidential: ReadonlySet<string> = new Set(['/secrets', '/configmaps', 'authentication.k8s.io/tokenreviews']);
