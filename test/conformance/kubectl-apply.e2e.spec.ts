import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testKubectl, type Kubectl } from '../servers/kubectl.ts';
import { runKubectl, type Ran } from '../servers/run-kubectl.ts';
import { startTributary, type TributaryServer } from '../servers/tributary.ts';

// Server-side apply as kubectl speaks it, from the first client-side apply to conflicts and their resolution.

let server: TributaryServer;
let kubectl: Kubectl;
beforeAll(async () => {
  [server, kubectl] = await Promise.all([startTributary(), testKubectl()]);
});
afterAll(() => server.remove());

function run(words: readonly string[], manifest = ''): Promise<Ran> {
  const at = ['--kubeconfig', server.kubeconfig, '--server', `${server.url}/clusters/root`];
  return runKubectl(kubectl, [...at, ...words], manifest);
}

const team = (label: string): string => `apiVersion: v1\nkind: Namespace\nmetadata:\n  name: team\n  labels:\n    a: "${label}"\n`;
const apply = (label: string, ...words: string[]): Promise<Ran> => run(['apply', '--server-side', '-f', '-', ...words], team(label));

async function owners(): Promise<unknown> {
  const { out } = await run(['get', 'namespace', 'team', '-o', 'json', '--show-managed-fields']);
  const { metadata } = JSON.parse(out) as { readonly metadata: { readonly managedFields?: readonly Record<string, unknown>[] } };
  return (metadata.managedFields ?? []).map(({ manager, operation }) => `${String(manager)} ${String(operation)}`);
}

describe('kubectl', () => {
  it('goes from client-side to server-side apply', async () => {
    expect(await run(['apply', '-f', '-'], team('1'))).toMatchObject({ out: 'namespace/team created\n' });
    expect(await owners()).toContain('kubectl-client-side-apply Update');
    expect(await apply('2')).toMatchObject({ code: 0, out: 'namespace/team serverside-applied\n' });
    expect(await owners()).toContain('kubectl Apply');
    expect(await owners()).not.toContain('kubectl-client-side-apply Update');
  });

  it('shows conflicts, and may force them', async () => {
    const refused = await apply('3', '--field-manager=other');
    expect(refused.code).not.toBe(0);
    expect(refused.err).toContain('Apply failed with 1 conflict: conflict with "kubectl": .metadata.labels.a');
    expect(await apply('3', '--field-manager=other', '--force-conflicts')).toMatchObject({ code: 0 });
    expect(await owners()).toContain('other Apply');
    expect(await owners()).not.toContain('kubectl Apply');
  });

  it('shows what an apply would change, and that nothing would', async () => {
    const changed = await run(['diff', '--server-side', '--field-manager=other', '-f', '-'], team('4'));
    expect(changed.code).toBe(1);
    expect(changed.out).toContain('-    a: "3"\n+    a: "4"\n');
    expect(await run(['diff', '--server-side', '--field-manager=other', '-f', '-'], team('3'))).toMatchObject({ code: 0, out: '' });
  });

  it('is told of fields that nobody declared', async () => {
    const { code, err } = await run(['apply', '--server-side', '-f', '-'], `${team('3')}spec: {nope: 1}\n`);
    expect(code).not.toBe(0);
    expect(err).toContain('.spec.nope: field not declared in schema');
  });
});
