import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { testKubectl, type Kubectl } from '../servers/kubectl.ts';
import { startTributary, type TributaryServer } from '../servers/tributary.ts';

// ValidatingAdmissionPolicies, as kubectl writes them and runs into them.

let server: TributaryServer;
let kubectl: Kubectl;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'admission-'));
  [kubectl, server] = await Promise.all([testKubectl(), startTributary({ flags: ['--audit-log', join(folder, 'audit.log')] })]);
});
afterAll(async () => {
  await server?.remove();
  await rm(folder, { recursive: true, force: true });
});

const run = promisify(execFile);

/** What kubectl prints and warns of, in the workspace of all organisations. @throws with what it complains of */
async function k(...words: readonly string[]): Promise<{ readonly stdout: string; readonly stderr: string }> {
  const place = ['--kubeconfig', server.kubeconfig, '--server', `${server.url}/clusters/root:orgs`, '--cache-dir', join(folder, 'cache')];
  return run(kubectl.program, [...place, ...words]);
}

async function applied(name: string, manifest: string, ...words: readonly string[]): Promise<string> {
  const file = join(folder, `${name}.yaml`);
  await writeFile(file, manifest);
  return (await k('apply', '-f', file, ...words)).stdout;
}

const policy = `apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: { name: small }
spec:
  paramKind: { apiVersion: v1, kind: ConfigMap }
  matchConstraints:
    resourceRules:
      - { apiGroups: [''], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [configmaps], scope: '*' }
  matchConditions:
    - { name: not-the-limit, expression: "object.metadata.name != 'limit'" }
  variables:
    - { name: size, expression: "has(object.data) ? object.data.size() : 0" }
  validations:
    - expression: variables.size <= int(params.data.max)
      messageExpression: "'at most ' + params.data.max + ' entries, not ' + string(variables.size)"
  auditAnnotations:
    - { key: size, valueExpression: "string(variables.size)" }
`;

const binding = (action: string): string => `apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: { name: small-everywhere }
spec:
  policyName: small
  paramRef: { name: limit, namespace: default, parameterNotFoundAction: Deny }
  validationActions: [${action}]
`;

describe('kubectl', () => {
  it('writes policies and shows them', async () => {
    await k('create', 'configmap', 'limit', '--from-literal=max=1');
    expect(await applied('policy', policy)).toBe('validatingadmissionpolicy.admissionregistration.k8s.io/small created\n');
    expect(await applied('policy', policy)).toBe('validatingadmissionpolicy.admissionregistration.k8s.io/small unchanged\n');
    expect(await applied('binding', binding('Deny'))).toContain('created');
    expect((await k('get', 'validatingadmissionpolicies')).stdout).toMatch(
      /^NAME +VALIDATIONS +PARAMKIND +AGE\nsmall +1 +v1\/ConfigMap +\d+s\n$/,
    );
    expect((await k('get', 'validatingadmissionpolicybindings')).stdout).toMatch(
      /^NAME +POLICYNAME +PARAMREF +AGE\nsmall-everywhere +small +default\/limit +\d+s\n$/,
    );
    expect((await k('explain', 'validatingadmissionpolicy.spec.validations.reason')).stdout).toContain('reason <string>');
  });

  it('is denied what a policy denies, however it asks', async () => {
    const why = "ValidatingAdmissionPolicy 'small' with binding 'small-everywhere' denied request: at most 1 entries, not 2";
    await expect(k('create', 'configmap', 'two', '--from-literal=a=1', '--from-literal=b=2')).rejects.toThrow(why);
    await expect(k('create', 'configmap', 'two', '--from-literal=a=1', '--from-literal=b=2', '--dry-run=server')).rejects.toThrow(why);
    await k('create', 'configmap', 'one', '--from-literal=a=1');
    await expect(k('patch', 'configmap', 'one', '--type=merge', '-p', '{"data":{"b":"2"}}')).rejects.toThrow(why);
    const two = 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: one }\ndata: { a: "1", b: "2" }\n';
    await expect(applied('two', two)).rejects.toThrow(why);
    await expect(applied('two', two, '--server-side', '--force-conflicts')).rejects.toThrow(why);
  });

  it('is warned where a policy only warns', async () => {
    await applied('binding', binding('Warn'));
    const { stderr } = await k('create', 'configmap', 'three', '--from-literal=a=1', '--from-literal=b=2');
    expect(stderr).toBe(
      "Warning: Validation failed for ValidatingAdmissionPolicy 'small' with binding 'small-everywhere': at most 1 entries, not 2\n",
    );
  });

  it('leaves notes of policies in the audit log', async () => {
    await applied('binding', binding('Audit'));
    await k('create', 'configmap', 'four', '--from-literal=a=1', '--from-literal=b=2');
    const noted = await vi.waitUntil(async () => {
      const lines = (await readFile(join(folder, 'audit.log'), 'utf8')).trim().split('\n');
      const events = lines.map((line) => JSON.parse(line) as { objectRef?: { name?: string }; annotations: Record<string, string> });
      return events.find(({ objectRef }) => objectRef?.name === 'four')?.annotations;
    });
    expect(noted).toMatchObject({
      'small/size': '2',
      'validation.policy.admission.k8s.io/validation_failure': expect.stringContaining('at most 1 entries, not 2') as string,
    });
  });

  it('is told what is wrong with a policy', async () => {
    await expect(
      applied('bad', policy.replace('variables.size <=', 'variables.sise <=').replace('name: small', 'name: bad')),
    ).rejects.toThrow(
      /spec\.validations\[0\]\.expression: Invalid value: .*compilation failed: ERROR: <input>:1:10: undefined field 'sise'/,
    );
  });
});
