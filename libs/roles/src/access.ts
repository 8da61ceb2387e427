import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  adminTokenEntry,
  clientAuthority,
  createAuthenticate,
  createTokenTable,
  kubeconfig,
  readTokenFile,
  serverCertificates,
  writeSecretFile,
  type Authenticate,
  type Identity,
  type ServerCertificates,
} from '#access';
import type { Settings } from '#settings';

/** Who may come in, and what proves to them that this is the server they mean. */
export type FrontDoor = {
  readonly certificates: ServerCertificates;
  /** PEM: whom the certificates of clients are checked with. */
  readonly clientAuthority: string;
  readonly authenticate: Authenticate;
  /** Whose token it is, for reviews: nothing is counted. */
  readonly identify: (token: string) => Identity | undefined;
  /** Writes the administrator's kubeconfig and answers where. For when the API is served: before, it may still lead to another process. */
  readonly writeKubeconfig: () => Promise<string>;
};

/** @throws Error naming the file that is wrong */
export async function prepareFrontDoor(settings: Settings, publicUrl: string): Promise<FrontDoor> {
  const { dataFolder, listen, tokenFile, clientCaFile } = settings;
  await mkdir(dataFolder, { recursive: true });
  const certificates = await serverCertificates({ dataFolder, hosts: [listen.host, new URL(publicUrl).hostname.replace(/^\[|\]$/g, '')] });
  const authority = await clientAuthority({ dataFolder, file: clientCaFile }).catch((failure: unknown) => {
    throw clientCaFile === undefined ? failure : new Error(`TRIBUTARY_CLIENT_CA: ${(failure as Error).message}`, { cause: failure });
  });
  const admin = await adminTokenEntry(dataFolder);
  const further = tokenFile === undefined ? { type: 'read' as const, entries: [] } : await readTokenFile(tokenFile);
  if (further.type === 'refused') throw new Error(`TRIBUTARY_TOKEN_FILE: ${further.problem}`);
  const { token, user } = admin;
  const tokens = createTokenTable([admin, ...further.entries]);
  return {
    certificates,
    clientAuthority: authority,
    authenticate: createAuthenticate(tokens),
    identify: (shown) => tokens.find(shown),
    async writeKubeconfig() {
      const file = join(dataFolder, 'admin.kubeconfig');
      await writeSecretFile(file, kubeconfig({ server: `${publicUrl}/clusters/root`, ca: certificates.ca, token, user }));
      return file;
    },
  };
}
