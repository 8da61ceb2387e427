import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testKubectl, type Kubectl } from '../servers/kubectl.ts';
import { startTributary, type TributaryServer } from '../servers/tributary.ts';

// Kubernetes' own kinds, as kubectl uses them: from 1.32 on it sends them as protobuf.

let server: TributaryServer;
let kubectl: Kubectl;
let folder: string;

beforeAll(async () => {
  [kubectl, server, folder] = await Promise.all([testKubectl(), startTributary(), mkdtemp(join(tmpdir(), 'built-ins-'))]);
});
afterAll(async () => {
  await server?.remove();
  await rm(folder, { recursive: true, force: true });
});

const run = promisify(execFile);

/** What kubectl prints, in the workspace of all organisations. @throws with what it complains of */
async function k(...words: readonly string[]): Promise<string> {
  const place = ['--kubeconfig', server.kubeconfig, '--server', `${server.url}/clusters/root:orgs`, '--cache-dir', join(folder, 'cache')];
  const { stdout } = await run(kubectl.program, [...place, ...words], { env: { ...process.env, KUBE_EDITOR: 'sed -i s/three/four/' } });
  return stdout;
}

async function applied(name: string, manifest: string): Promise<string> {
  const file = join(folder, `${name}.yaml`);
  await writeFile(file, manifest);
  return k('apply', '-f', file);
}

const configMap = (data: string): string => `apiVersion: v1
kind: ConfigMap
metadata:
  name: applied
  namespace: team
data: ${data}
`;

describe('kubectl', () => {
  it('creates a namespace, which has an identity', async () => {
    expect(await k('create', 'namespace', 'team')).toBe('namespace/team created\n');
    await k('wait', '--for=create', 'serviceaccount/default', '-n', 'team', '--timeout=5s');
  });

  it('asks who it is and what it may do', async () => {
    expect(await k('auth', 'can-i', 'create', 'configmaps')).toBe('yes\n');
    expect(await k('auth', 'whoami')).toContain('tributary-admin');
  });

  it('creates ConfigMaps and ServiceAccounts, and shows them', async () => {
    await k('create', 'configmap', 'made', '-n', 'team', '--from-literal=a=1', '--from-literal=b=2');
    await k('create', 'serviceaccount', 'robot', '-n', 'team');
    expect(await k('get', 'cm', '-n', 'team')).toMatch(/^NAME +DATA +AGE\nkube-root-ca\.crt +1 +\d+s\nmade +2 +\d+s\n$/);
    expect(await k('get', 'sa', 'robot', '-n', 'team', '--no-headers')).toMatch(/^robot +0 +\d+s\n$/);
  });

  it('applies, applies again, patches and edits', async () => {
    expect(await applied('first', configMap('{ x: one, y: two }'))).toBe('configmap/applied created\n');
    expect(await applied('second', configMap('{ x: one }'))).toBe('configmap/applied configured\n');
    expect(await applied('second', configMap('{ x: one }'))).toBe('configmap/applied unchanged\n');
    expect(await k('patch', 'cm', 'applied', '-n', 'team', '-p', '{"data":{"z":"three"}}')).toBe('configmap/applied patched\n');
    expect(await k('edit', 'cm', 'applied', '-n', 'team')).toBe('configmap/applied edited\n');
    expect(JSON.parse(await k('get', 'cm', 'applied', '-n', 'team', '-o', 'jsonpath={.data}'))).toEqual({ x: 'one', z: 'four' });
  });

  it('shows what happened to an object', async () => {
    const uid = await k('get', 'cm', 'applied', '-n', 'team', '-o', 'jsonpath={.metadata.uid}');
    const event = `apiVersion: v1
kind: Event
metadata: { name: applied.1, namespace: team }
involvedObject: { apiVersion: v1, kind: ConfigMap, namespace: team, name: applied, uid: ${uid} }
reason: Seen
message: somebody looked
type: Normal
count: 3
lastTimestamp: "${new Date().toISOString().slice(0, 19)}Z"
`;
    await applied('event', event);
    expect(await k('events', '--for', 'configmap/applied', '-n', 'team')).toContain('somebody looked');
    expect(await k('get', 'events.events.k8s.io', '-n', 'team')).toMatch(
      /^LAST SEEN +TYPE +REASON +OBJECT +MESSAGE\n.* configmap\/applied +somebody/,
    );
    expect(await k('describe', 'cm', 'applied', '-n', 'team')).toContain('somebody looked');
  });

  it('deletes the namespace with all that is in it, but not the first one', async () => {
    expect(await k('delete', 'namespace', 'team')).toContain('deleted');
    await expect(k('get', 'cm', 'made', '-n', 'team')).rejects.toThrow('not found');
    await expect(k('delete', 'namespace', 'default')).rejects.toThrow('this namespace may not be deleted');
  });
});
