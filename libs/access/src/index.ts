export { adminTokenEntry } from './admin-token.ts';
export { acceptCertificates } from './accept-certificates.ts';
export { createAuthenticate, type Authenticate, type Authentication, type AuthenticationRefusal } from './authenticate.ts';
export type { AccessAttributes } from './access-attributes.ts';
export { authorize, mayEnter, rulesFor, type Authorization } from './authorize.ts';
export { serverCertificates, type CertificatesOptions, type ServerCertificates } from './certificates/certificates.ts';
export { clientAuthority, type ClientAuthorityOptions } from './certificates/client-authority.ts';
export { followTokens, type FollowedTokens, type FollowedTokensOptions } from './followed-tokens.ts';
export { anonymous, mastersGroup, type Identity } from './identity.ts';
export { impersonate, type Impersonation } from './impersonation.ts';
export { kubeconfig, type KubeconfigOptions } from './kubeconfig.ts';
export { makeSecretFile, writeSecretFile } from './secret-file.ts';
export { readTokenFile } from './token-file.ts';
export { createTokenTable, type Credential, type TokenEntry, type TokenTable } from './token-table.ts';
export { accessRules, type AccessRules } from './rbac/access-rules.ts';
export { defaultClusterRoles, ownersBinding, reservedNamePrefix, type BoundResources } from './rbac/default-roles.ts';
export { bindingEscalation, roleEscalation, type Escalation } from './rbac/escalation.ts';
export {
  rbacGroup,
  type Binding,
  type ClusterRole,
  type PolicyRule,
  type RbacObjects,
  type Role,
  type Subject,
} from './rbac/rbac-objects.ts';
export { acceptServiceAccounts, type AuthenticateInWorkspace, type Claimed } from './tokens/accept-service-accounts.ts';
export { newSigningKey, SigningKey } from './tokens/jws.ts';
export {
  abroad,
  ServiceAccountTokens,
  type BoundObject,
  type IssuedToken,
  type ServiceAccountClaim,
  type TokenOrder,
} from './tokens/service-account-tokens.ts';
