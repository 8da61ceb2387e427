import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mastersGroup } from '#access';
import { definitionsName, type KubeObject } from '#kube';
import { openRoot } from '#policy';
import { MemoryEventLog, MemorySnapshotStore } from '#stream';
import { builtinKind, House } from '#workspace';
import { parse } from 'yaml';
import { rootHandler, token } from '../root-handler.ts';

/** A mesh over a log in memory, whose root workspace has a definition of widgets. Its clock stands still but for `tick`. */
export async function startWidgetServer() {
  let seconds = Date.UTC(2026, 0, 1) / 1000;
  const now = (): string => new Date(seconds * 1000).toISOString();
  const options = { soleWriter: true, publicUrl: 'https://mesh.test', offers: async () => [], now };
  const house = new House({ log: new MemoryEventLog(), snapshots: new MemorySnapshotStore(), ...options });
  await openRoot(house);
  await defineWidgets(house);
  const handler = rootHandler(house);
  const server = createServer(handler).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    tick(): void {
      seconds += 1;
    },
    async ask(method: string, path: string, headers: Readonly<Record<string, string>>, body?: string) {
      const sent = { authorization: `Bearer ${token}`, 'user-agent': 'curl/8', ...headers };
      return fetch(`http://127.0.0.1:${port}/clusters/root${path}`, { method, headers: sent, ...(body === undefined ? {} : { body }) });
    },
    async send(method: string, path: string, contentType: string | undefined, body?: string) {
      const response = await this.ask(method, path, contentType === undefined ? {} : { 'content-type': contentType }, body);
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

/** The definition whose objects upstream was asked about. */
async function defineWidgets(house: House): Promise<void> {
  const workspace = await house.open('root');
  const body = parse(readFileSync(new URL('widgets-crd.yaml', import.meta.url), 'utf8')) as KubeObject;
  const outcome = await workspace?.create({
    kind: builtinKind(definitionsName),
    version: 'v1',
    namespace: '',
    author: { user: 'admin', groups: [mastersGroup], userAgent: 'spec', fieldManager: 'spec', cause: 'spec' },
    dryRun: false,
    fieldValidation: 'Strict',
    body,
    duplicateFields: [],
  });
  if (outcome?.type !== 'committed') throw new Error(`widgets were not defined: ${JSON.stringify(outcome)}`);
}
