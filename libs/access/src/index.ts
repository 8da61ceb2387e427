export { adminTokenEntry } from './admin-token.ts';
export { createAuthenticate, type Authenticate, type Authentication, type AuthenticationRefusal } from './authenticate.ts';
export { authorize, type AccessAttributes, type Authorization } from './authorize.ts';
export { serverCertificates, type CertificatesOptions, type ServerCertificates } from './certificates/certificates.ts';
export { adminUser, anonymous, authenticatedGroup, mastersGroup, type Identity } from './identity.ts';
export { kubeconfig, type KubeconfigOptions } from './kubeconfig.ts';
export { writeSecretFile } from './secret-file.ts';
export { parseTokenFile, readTokenFile, type TokenFileOutcome } from './token-file.ts';
export { createTokenTable, type TokenEntry, type TokenTable } from './token-table.ts';
