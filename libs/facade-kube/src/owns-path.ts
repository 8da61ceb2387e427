const roots = ['clusters', 'api', 'apis', 'openapi', 'version', 'livez', 'readyz', 'healthz'] as const;
const ownRoot = new RegExp(`^/(?:${roots.join('|')})(?:[/?]|$)`);

/** Which URLs, as they come over the wire, are this facade's: workspaces, and what Kubernetes clients ask of the bare root. */
export function ownsPath(rawUrl: string): boolean {
  return rawUrl.startsWith('/clusters/') || ownRoot.test(rawUrl);
}
