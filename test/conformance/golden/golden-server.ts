import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { authorize, createAuthenticate, createTokenTable, mastersGroup } from '#access';
import { createKubeHandler, kubeVersion } from '#facade-kube';
import { gnosticV2, openApiV2, openApiV3 } from '#kube';
import { openRoot } from '#policy';
import { MemoryEventLog, MemorySnapshotStore } from '#stream';
import type { Logger } from '#telemetry';
import { House } from '#workspace';

const token = 'admin-token-of-this-spec';

export type GoldenAnswer = { readonly code: number; readonly headers: Headers; readonly text: string };

/** `log`, `snapshots`: what another server has left. */
type GoldenServerOptions = { readonly logger?: Logger; readonly log?: MemoryEventLog; readonly snapshots?: MemorySnapshotStore };

/** The root workspace over a log in memory. Its clock stands still but for `tick`. */
export async function startGoldenServer({
  logger,
  log = new MemoryEventLog(),
  snapshots = new MemorySnapshotStore(),
}: GoldenServerOptions = {}) {
  let seconds = Date.UTC(2026, 0, 1) / 1000;
  const now = (): string => new Date(seconds * 1000).toISOString();
  const options = { soleWriter: true, publicUrl: 'https://mesh.test', offers: async () => [], now };
  const house = new House({ log, snapshots, ...options });
  await openRoot(house);
  const handler = createKubeHandler({
    workspaces: house,
    authenticate: createAuthenticate(createTokenTable([{ token, user: 'admin', uid: 'u-1', groups: [mastersGroup] }])),
    authorize,
    version: kubeVersion({ release: '0.1.0' }),
    readiness: { checks: () => [] },
    serverAddress: '127.0.0.1:6443',
    ...(logger === undefined ? {} : { logger }),
    openApi: { v3: openApiV3, v2: openApiV2, v2Protobuf: gnosticV2 },
  });
  const server = createServer(handler).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    token,
    tick(): void {
      seconds += 1;
    },
    async send(method: string, path: string, headers: Readonly<Record<string, string>> = {}, body = ''): Promise<GoldenAnswer> {
      const response = await fetch(`http://127.0.0.1:${port}/clusters/root${path}`, {
        method,
        headers: { authorization: `Bearer ${token}`, 'user-agent': 'curl/8', ...headers },
        ...(body === '' ? {} : { body }),
      });
      return { code: response.status, headers: response.headers, text: await response.text() };
    },
    async stop(): Promise<void> {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
      await house.close();
    },
  };
}
