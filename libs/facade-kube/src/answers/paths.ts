import type { ServedKind } from '#kube';
import { groupEntries } from '../discovery/resource-entries.ts';

type Paths = { readonly paths: readonly string[] };

const ofWorkspaces = ['/.well-known/openid-configuration', '/apis', '/openapi/v2', '/openapi/v3', '/openid/v1/jwks'];
const everywhere = ['/healthz', '/livez', '/readyz', '/version'];

/** What there is outside of workspaces, as `/` shows it. */
export const rootPaths: Paths = { paths: [...everywhere, '/metrics'].sort() };

/** Where one can look around in a workspace, as its `/` shows it. */
export function workspacePaths(served: readonly ServedKind[]): Paths {
  const ofGroups = groupEntries(served).flatMap(({ group, versions }) => {
    const base = group === '' ? '/api' : `/apis/${group}`;
    return [base, ...versions.map(({ version }) => `${base}/${version}`)];
  });
  return { paths: [...ofWorkspaces, ...everywhere, ...ofGroups].sort() };
}
