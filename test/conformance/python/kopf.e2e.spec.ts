import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startInterruptingFront, type InterruptingFront } from '../../servers/interrupting-front.ts';
import { testPython } from '../../servers/python.ts';
import type { Served } from '../../servers/tributary-client.ts';
import { openWorkspace, writeKubeconfig } from '../../servers/tributary-workspace.ts';
import { startTributary, type TributaryServer } from '../../servers/tributary.ts';
import { until, untilTrue } from '../../servers/tributary-until.ts';

// An operator written with kopf, unmodified, against a workspace: for a kind that the workspace defines itself.

const python = await testPython(join(import.meta.dirname, 'requirements.txt'));
if (python.type === 'absent') console.log(`kopf is not proved: ${python.reason}`);

let server: TributaryServer;
let front: InterruptingFront;
let folder: string;
let operator: ChildProcess;
let base: string;
let databases: string;
let output = '';

const definition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'databases.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { plural: 'databases', singular: 'database', kind: 'Database' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              spec: { type: 'object', required: ['size'], properties: { size: { type: 'string' } } },
              status: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
            },
          },
        },
      },
    ],
  },
};
const database = (name: string, size: string) => ({
  apiVersion: 'example.com/v1',
  kind: 'Database',
  metadata: { name },
  spec: { size },
});

describe.skipIf(python.type === 'absent')('an operator of kopf', () => {
  beforeAll(async () => {
    if (python.type === 'absent') return;
    [server, folder] = await Promise.all([startTributary(), mkdtemp(join(tmpdir(), 'kopf-'))]);
    front = await startInterruptingFront(server);
    const workspace = await openWorkspace(server, 'kopf');
    base = `${workspace}/api/v1/namespaces/default`;
    databases = `${workspace}/apis/example.com/v1/namespaces/default/databases`;
    await server.client.expect('POST', `${workspace}/apis/apiextensions.k8s.io/v1/customresourcedefinitions`, { body: definition });
    const kubeconfig = join(folder, 'kubeconfig');
    await writeKubeconfig(server, kubeconfig, front.url + workspace);
    operator = spawn(
      join(python.folder, 'python'),
      ['-B', '-m', 'kopf', 'run', '--standalone', '--namespace=default', join(import.meta.dirname, 'databases_operator.py')],
      { env: { PATH: process.env['PATH'], HOME: folder, KUBECONFIG: kubeconfig }, stdio: ['ignore', 'pipe', 'pipe'] },
    );
    for (const stream of [operator.stdout, operator.stderr]) stream?.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const orphaned = (): void => void operator.kill('SIGKILL');
    process.once('exit', orphaned);
    operator.once('exit', () => process.off('exit', orphaned));
  });
  afterAll(async () => {
    if (operator && operator.exitCode === null) {
      operator.kill('SIGKILL');
      await once(operator, 'exit');
    }
    await front?.close();
    await server?.remove();
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  /** Waits with what the operator has said at hand. */
  const wait = <Answer>(what: string, ask: () => Promise<Answer | undefined>): Promise<Answer> =>
    until(what, ask).catch((cause: unknown) => {
      throw new Error(`${what}\n${output}`, { cause });
    });
  const addressed = (name: string, address: string): Promise<Served> =>
    wait(`${name} is at ${address}`, async () => {
      const found = await server.client.find(`${databases}/${name}`);
      return found?.status?.['address'] === address ? found : undefined;
    });
  const eventsOf = async (name: string): Promise<readonly string[]> => {
    const { items } = await server.client.get<{ items: { reason: string; message: string; source?: { component?: string } }[] }>(
      `${base}/events?fieldSelector=involvedObject.name%3D${name}`,
    );
    return items.map(({ reason, message }) => `${reason}: ${message}`);
  };

  it('takes up what is ordered: a finalizer, an object of its own, a status, events', async () => {
    await server.client.expect('POST', databases, { body: database('books', 'small') });
    const { metadata, status } = await addressed('books', 'books.small.example.com');
    expect(metadata.finalizers).toEqual(['kopf.zalando.org/KopfFinalizerMarker']);
    expect(metadata.annotations).toHaveProperty(['kopf.zalando.org/last-handled-configuration']);
    expect(status).toMatchObject({ create: { size: 'small' } });
    const child = await server.client.get(`${base}/configmaps/books-address`);
    expect(child.metadata).toMatchObject({ ownerReferences: [{ kind: 'Database', name: 'books', uid: metadata.uid, controller: true }] });
    await wait('it is told', async () => ((await eventsOf('books')).includes('Made: made books') ? true : undefined));
  });

  it('follows a change of the field that it asks for', async () => {
    const change = { body: { spec: { size: 'large' } }, contentType: 'application/merge-patch+json' };
    await server.client.expect('PATCH', `${databases}/books`, change);
    await addressed('books', 'books.large.example.com');
    expect(await server.client.get(`${base}/configmaps/books-address`)).toMatchObject({ data: { address: 'books.large.example.com' } });
    await wait('it is told', async () => ((await eventsOf('books')).includes('Resized: from small to large') ? true : undefined));
  });

  it('goes on after a break, and after its place was forgotten', async () => {
    front.cut();
    await server.client.expect('POST', databases, { body: database('letters', 'small') });
    await addressed('letters', 'letters.small.example.com');
    front.expire();
    await server.client.expect('POST', databases, { body: database('prints', 'small') });
    await addressed('prints', 'prints.small.example.com');
  });

  it('lets go of what is deleted once it has cleaned up', async () => {
    const deleted = await server.client.expect('DELETE', `${databases}/books`);
    expect(deleted.metadata.deletionTimestamp).toBeDefined();
    await wait('books is gone', async () => ((await server.client.find(`${databases}/books`)) === undefined ? true : undefined));
    expect(await server.client.find(`${base}/configmaps/books-address`)).toBeUndefined();
    await wait('it is told', async () => ((await eventsOf('books')).includes('Unmade: unmade books') ? true : undefined));
  });

  it('ends when it is asked to, without having failed at anything', async () => {
    operator.kill('SIGTERM');
    await untilTrue('it has ended', () => operator.exitCode !== null);
    expect(operator.exitCode).toBe(0);
    expect(output).not.toMatch(/Traceback|\[(WARNING|ERROR|CRITICAL)|[1-9]\d* failed/);
  });
});
