import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { serverCertificates } from '#access';
import { testKubectl, type Kubectl } from '../servers/kubectl.ts';
import { testPython } from '../servers/python.ts';
import { builtGoClients, runSection, sectionsOf, type SectionRun } from './go-clients/build.ts';
import { startTruncatedServer } from './golden/truncated-server.ts';

// What real clients make of a server that has forgotten where they were. Its log has lost its beginning; the rest is as ever.

const section = 'history that is lost';
const python = await testPython(join(import.meta.dirname, 'python/requirements.txt'));
const programs = await builtGoClients();
const checks = (await Promise.all((programs ?? []).map(sectionsOf))).flat().find(({ name }) => name === section)?.checks ?? [];

let server: Awaited<ReturnType<typeof startTruncatedServer>>['server'];
let kubectl: Kubectl;
let folder: string;

beforeAll(async () => {
  [kubectl, folder] = await Promise.all([testKubectl(), mkdtemp(join(tmpdir(), 'expired-'))]);
  const certificates = await serverCertificates({ dataFolder: folder, hosts: [] });
  ({ server } = await startTruncatedServer(certificates));
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      { name: 'here', cluster: { server: address(), 'certificate-authority-data': Buffer.from(certificates.ca).toString('base64') } },
    ],
    users: [{ name: 'admin', user: { token: server.token } }],
    contexts: [{ name: 'here', context: { cluster: 'here', user: 'admin' } }],
    'current-context': 'here',
  };
  await writeFile(join(folder, 'kubeconfig'), stringify(config));
});
afterAll(async () => {
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

const address = (): string => `https://127.0.0.1:${server.port}/clusters/root`;

function k(...words: readonly string[]): Promise<{ readonly out: string; readonly err: string }> {
  const place = ['--kubeconfig', join(folder, 'kubeconfig'), '--cache-dir', join(folder, 'cache')];
  return new Promise((resolve) => execFile(kubectl.program, [...place, ...words], (_, out, err) => resolve({ out, err })));
}

describe('kubectl', () => {
  it('shows the end of a watch that would begin in what is forgotten', async () => {
    const { out, err } = await k(
      'get',
      '--raw',
      '/clusters/root/api/v1/namespaces/default/configmaps?watch=1&resourceVersion=2&timeoutSeconds=5',
    );
    expect(err).toBe('');
    expect(JSON.parse(out)).toMatchObject({ type: 'ERROR', object: { code: 410, reason: 'Expired' } });
  });

  it('lists page by page and watches as ever', async () => {
    const { out, err } = await k('get', 'configmaps', '--chunk-size=50', '-o', 'name');
    expect([out.split('\n').filter((line) => /\/[a-e]$/.test(line)).length, err]).toEqual([5, '']);
    const waited = await k('wait', 'configmap/a', '--for=create', '--timeout=20s');
    expect(waited.out).toContain('configmap/a condition met');
  });
});

describe.skipIf(!programs)('client-go', () => {
  for (const clients of programs ?? [])
    describe(clients.clientGo, () => {
      let run: SectionRun;
      beforeAll(async () => {
        run = await runSection(clients, section, { kubeconfig: join(folder, 'kubeconfig'), server: address() });
      });
      it.each(checks)('%s', (check) => {
        const line = run.lines.get(check);
        expect(line?.ok, line?.detail ?? run.complaints).toBe(true);
      });
    });
});

describe.skipIf(python.type === 'absent')('the Python client', () => {
  const script = `
from kubernetes import client, config, watch
from kubernetes.client.rest import ApiException

config.load_kube_config()
core = client.CoreV1Api()
try:
    list(watch.Watch().stream(core.list_namespaced_config_map, "default", resource_version="2", timeout_seconds=5))
except ApiException as refused:
    print(refused.status, refused.reason)
listed = core.list_namespaced_config_map("default")
core.create_namespaced_config_map("default", client.V1ConfigMap(metadata=client.V1ObjectMeta(name="python")))
for event in watch.Watch().stream(core.list_namespaced_config_map, "default", resource_version=listed.metadata.resource_version, timeout_seconds=20):
    print(event["type"], event["object"].metadata.name)
    break
`;

  it('is told so, lists anew and goes on', async () => {
    if (python.type === 'absent') throw new Error(python.reason);
    const env = { PATH: process.env['PATH'], HOME: folder, KUBECONFIG: join(folder, 'kubeconfig') };
    const said = await new Promise<string>((resolve) =>
      execFile(join(python.folder, 'python'), ['-B', '-c', script], { env, timeout: 60_000 }, (_, out, err) => resolve(out + err)),
    );
    expect(said).toMatch(/^410 Expired: too old resource version: 2 \(\d+\)\nADDED python\n$/);
  });
});
