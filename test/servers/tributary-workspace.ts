import { readFile, writeFile } from 'node:fs/promises';
import { untilTrue } from './tributary-until.ts';
import type { TributaryServer } from './tributary.ts';

const accounts = '/clusters/root:orgs/apis/core.platform-mesh.io/v1alpha1/accounts';
const binding = {
  apiVersion: 'apis.kcp.io/v1alpha2',
  kind: 'APIBinding',
  metadata: { name: 'httpbin' },
  spec: { reference: { export: { path: 'root:providers:httpbin', name: 'orchestrate.platform-mesh.io' } } },
};

/** Opens an organisation's workspace. Gives its path, as it stands below a server's address: `/clusters/root:orgs:<name>`. */
export async function openWorkspace({ client }: TributaryServer, name: string): Promise<string> {
  const body = { apiVersion: 'core.platform-mesh.io/v1alpha1', kind: 'Account', metadata: { name }, spec: { type: 'org' } };
  await client.expect('POST', accounts, { body });
  await untilTrue(`the account ${name} is ready`, async () => {
    const { status } = await client.get(`${accounts}/${name}`);
    return status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;
  });
  return `/clusters/root:orgs:${name}`;
}

/** Makes the demo's API part of a workspace. */
export async function bindDemo({ client }: TributaryServer, workspace: string): Promise<void> {
  const bindings = `${workspace}/apis/apis.kcp.io/v1alpha2/apibindings`;
  await client.expect('POST', bindings, { body: binding });
  await untilTrue('the demo is bound', async () => (await client.get(`${bindings}/httpbin`)).status?.['phase'] === 'Bound');
}

/** The administrator's kubeconfig for another address, such as a workspace's. */
export async function writeKubeconfig({ kubeconfig }: TributaryServer, file: string, address: string): Promise<void> {
  const given = await readFile(kubeconfig, 'utf8');
  await writeFile(file, given.replace(/^( *server: ).*$/m, `$1${address}`));
}
