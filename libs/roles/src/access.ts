import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  adminTokenEntry,
  clientAuthority,
  createAuthenticate,
  createTokenTable,
  followTokens,
  kubeconfig,
  readTokenFile,
  serverCertificates,
  writeSecretFile,
  type Authenticate,
  type Identity,
  type ServerCertificates,
  type TokenEntry,
  type TokenTable,
} from '#access';
import type { Settings } from '#settings';
import type { Logger } from '#telemetry';

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
  /** Looks at no file any more. */
  readonly close: () => void;
};

/** @throws Error naming the file that is wrong */
export async function prepareFrontDoor(settings: Settings, publicUrl: string, logger: Logger): Promise<FrontDoor> {
  const { dataFolder, listen, tokenFile, clientCaFile } = settings;
  await mkdir(dataFolder, { recursive: true });
  const certificates = await serverCertificates({ dataFolder, hosts: [listen.host, new URL(publicUrl).hostname.replace(/^\[|\]$/g, '')] });
  const authority = await clientAuthority({ dataFolder, file: clientCaFile }).catch((failure: unknown) => {
    throw clientCaFile === undefined ? failure : new Error(`TRIBUTARY_CLIENT_CA: ${(failure as Error).message}`, { cause: failure });
  });
  const admin = await adminTokenEntry(dataFolder);
  const { token, user } = admin;
  const { tokens, stop } = await tokensOf(admin, tokenFile, logger);
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
    close: stop,
  };
}

/** The administrator's token, and those of the file, which may change at any time. */
async function tokensOf(
  admin: TokenEntry,
  path: string | undefined,
  logger: Logger,
): Promise<{ readonly tokens: TokenTable; readonly stop: () => void }> {
  if (path === undefined) return { tokens: createTokenTable([admin]), stop: () => undefined };
  const first = await readTokenFile(path);
  if (first.type === 'refused') throw new Error(`TRIBUTARY_TOKEN_FILE: ${first.problem}`);
  const tokens = followTokens({
    path,
    entries: first.entries,
    always: [admin],
    onRead: (users) => logger.info({ users }, 'the token file was read again'),
    onRefused: (problem) => logger.error(`TRIBUTARY_TOKEN_FILE: ${problem}; what it held before goes on`),
  });
  return { tokens, stop: tokens.stop };
}
