/** Who asks, as the server established it. https://pkg.go.dev/k8s.io/api/authentication/v1#UserInfo */
export type Identity = {
  readonly user: string;
  readonly uid: string;
  readonly groups: readonly string[];
  readonly extra: Readonly<Record<string, readonly string[]>>;
};

/** May do everything. */
export const mastersGroup = 'system:masters';
/** Added by the server to whoever proved who they are; never read from outside. */
export const authenticatedGroup = 'system:authenticated';

/** Whoever sent no credentials at all. */
export const anonymous: Identity = { user: 'system:anonymous', uid: '', groups: ['system:unauthenticated'], extra: {} };

export const adminUser = 'tributary-admin';
