import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { authorize, createAuthenticate, createTokenTable, mastersGroup } from '#access';
import { createKubeHandler, kubeVersion } from '#facade-kube';
import { openRoot } from '#policy';
import { MemoryEventLog, MemorySnapshotStore } from '#stream';
import { House, type Workspace } from '#workspace';
import { widgets } from './widgets.ts';

const token = 'admin-token-of-this-spec';

/** The root workspace over a log in memory, serving widgets too. Its clock stands still but for `tick`. */
export async function startWidgetServer() {
  let seconds = Date.UTC(2026, 0, 1) / 1000;
  const now = (): string => new Date(seconds * 1000).toISOString();
  const options = { soleWriter: true, publicUrl: 'https://mesh.test', offers: async () => [], now };
  const house = new House({ log: new MemoryEventLog(), snapshots: new MemorySnapshotStore(), ...options });
  await openRoot(house);
  const root = await house.open('root');
  if (!root) throw new Error('root is open');
  const served = [...root.served(), widgets];
  const workspace: Workspace = { ...root, served: () => served };
  const handler = createKubeHandler({
    workspaces: { open: async () => workspace },
    authenticate: createAuthenticate(createTokenTable([{ token, user: 'admin', uid: 'u-1', groups: [mastersGroup] }])),
    authorize,
    version: kubeVersion({ release: '0.1.0' }),
    readiness: { checks: () => [] },
    serverAddress: '127.0.0.1:6443',
    openApi: { v3: () => ({}), v2: () => ({}), v2Protobuf: () => Buffer.alloc(0), hash: () => '' },
  });
  const server = createServer(handler).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    tick(): void {
      seconds += 1;
    },
    async send(method: string, path: string, contentType: string, body: string) {
      const headers = { authorization: `Bearer ${token}`, 'content-type': contentType, 'user-agent': 'curl/8' };
      const response = await fetch(`http://127.0.0.1:${port}/clusters/root${path}`, { method, headers, body });
      return { code: response.status, json: (await response.json()) as Readonly<Record<string, unknown>> };
    },
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
      await house.close();
    },
  };
}
