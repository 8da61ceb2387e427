import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testKubectl, type Kubectl } from '../servers/kubectl.ts';
import { startTributary, type TributaryServer } from '../servers/tributary.ts';

// Certificates made as the README says, shown by the real kubectl.

const run = promisify(execFile);
let server: TributaryServer;
let kubectl: Kubectl;
let folder: string;

beforeAll(async () => {
  [kubectl, server, folder] = await Promise.all([
    testKubectl(),
    startTributary({ flags: ['--no-demo'] }),
    mkdtemp(join(tmpdir(), 'certificates-')),
  ]);
});
afterAll(async () => {
  await server?.remove();
  await rm(folder, { recursive: true, force: true });
});

type Subject = { readonly subject: string; readonly days?: number; readonly authority?: string };

/** A kubeconfig that knows no token, and holds a certificate in itself. */
async function kubeconfigOf(name: string, { subject, days = 1, authority = 'client-ca' }: Subject): Promise<string> {
  const at = (end: string): string => join(folder, `${name}.${end}`);
  const ca = join(server.folder, 'certificates', authority);
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  await run('openssl', ['req', '-new', ...kind, '-keyout', at('key'), '-subj', subject, '-out', at('csr')]);
  const signing = ['-CA', `${ca}.crt`, '-CAkey', `${ca}.key`, '-days', String(days)];
  await run('openssl', ['x509', '-req', '-in', at('csr'), ...signing, '-out', at('crt')]);
  const config = at('kubeconfig');
  const { stdout } = await run(kubectl.program, ['--kubeconfig', server.kubeconfig, 'config', 'view', '--raw', '--output', 'json']);
  const { clusters } = JSON.parse(stdout) as { clusters: object[] };
  const context = { name: 'c', context: { cluster: 'tributary', user: name } };
  const plain = { apiVersion: 'v1', kind: 'Config', 'current-context': 'c', clusters, contexts: [context], users: [] };
  await writeFile(config, JSON.stringify(plain));
  const credentials = ['--client-certificate', at('crt'), '--client-key', at('key'), '--embed-certs'];
  await run(kubectl.program, ['--kubeconfig', config, 'config', 'set-credentials', name, ...credentials]);
  expect(await readFile(config, 'utf8')).toContain('client-certificate-data');
  return config;
}

async function k(config: string, ...words: readonly string[]): Promise<string> {
  const place = ['--kubeconfig', config, '--server', `${server.url}/clusters/root:orgs`, '--cache-dir', join(folder, 'cache')];
  return (await run(kubectl.program, [...place, ...words])).stdout;
}

describe('kubectl with a client certificate', () => {
  it('is who the certificate says', async () => {
    const ann = await kubeconfigOf('ann', { subject: '/O=people/O=more/CN=ann' });
    const who = JSON.parse(await k(ann, 'auth', 'whoami', '--output', 'json')) as { status: { userInfo: object } };
    expect(who.status.userInfo).toMatchObject({ username: 'ann', groups: ['people', 'more', 'system:authenticated'] });
    await expect(k(ann, 'get', 'namespaces')).rejects.toThrow('Error from server (Forbidden)');
  });

  it('may do everything as one of system:masters', async () => {
    const chief = await kubeconfigOf('chief', { subject: '/O=system:masters/CN=chief' });
    expect(await k(chief, 'create', 'configmap', 'mine')).toBe('configmap/mine created\n');
    expect(await k(chief, 'get', 'configmap', 'mine', '--as', 'chief', '--as-group', 'x', '--output', 'name').catch(String)).toContain(
      'Error from server (Forbidden)',
    );
  });

  it('is nobody with one that has ended, or that the server’s own authority signed', async () => {
    const late = await kubeconfigOf('late', { subject: '/CN=late', days: -1 });
    const strange = await kubeconfigOf('strange', { subject: '/O=system:masters/CN=strange', authority: 'ca' });
    for (const config of [late, strange]) await expect(k(config, 'get', 'configmaps')).rejects.toThrow(/Unauthorized|must be logged in/);
  });
});
