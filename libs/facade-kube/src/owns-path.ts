const roots = ['clusters', 'api', 'apis', 'openapi', 'version', 'livez', 'readyz', 'healthz'] as const;
const ownRoot = new RegExp(`^/(?:${roots.join('|')})(?:[/?]|$)`);

/** Which URLs, as they come over the wire, are this facade's: workspaces, and what Kubernetes clients ask of the bare root. */
export function ownsPath(rawUrl: string): boolean {
  return rawUrl.startsWith('/clusters/') || ownRoot.test(rawUrl);
}

/** Which of them are answered by a neighbour, behind the same gate. */
export const hasNeighbour = (rawUrl: string): boolean => rawUrl.startsWith('/api/clusters/');
