import type { Turn } from './health-of.ts';

/** Who writes the status of a kind's objects: a provider where the kind is bound, the mesh for its own, otherwise the consumer. */
export function answererOf(group: string, isBound: boolean): Turn {
  if (isBound) return 'provider';
  return meshGroups.has(group) || group.endsWith('.k8s.io') ? 'mesh' : 'consumer';
}

/** Groups that are the mesh's own business. */
const meshGroups: ReadonlySet<string> = new Set([
  '',
  'apis.kcp.io',
  'core.kcp.io',
  'tenancy.kcp.io',
  'core.platform-mesh.io',
  'ui.platform-mesh.io',
]);
