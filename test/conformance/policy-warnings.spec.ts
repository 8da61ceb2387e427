import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWidgetServer } from './golden/widget-server.ts';

let server: Awaited<ReturnType<typeof startWidgetServer>>;
beforeAll(async () => {
  server = await startWidgetServer();
  const rule = { apiGroups: ['*'], apiVersions: ['*'], operations: ['DELETE'], resources: ['widgets', 'serviceaccounts'] };
  await create('/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies', {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name: 'keep' },
    spec: { matchConstraints: { resourceRules: [rule] }, validations: [{ expression: 'false', message: 'better kept' }] },
  });
  await create('/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings', {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name: 'keep' },
    spec: { policyName: 'keep', validationActions: ['Warn'] },
  });
});
afterAll(() => server.stop());

const warning = `299 - "Validation failed for ValidatingAdmissionPolicy 'keep' with binding 'keep': better kept"`;
const widgets = '/apis/example.com/v1/namespaces/default/widgets';

async function create(path: string, body: object): Promise<void> {
  expect(await server.send('POST', path, 'application/json', JSON.stringify(body))).toMatchObject({ code: 201 });
}

async function deleted(path: string): Promise<readonly [number, string | null]> {
  const response = await server.ask('DELETE', path, {});
  await response.text();
  return [response.status, response.headers.get('warning')];
}

describe('what policies warn of', () => {
  it('is told once to whoever deletes a whole collection', async () => {
    for (const name of ['a', 'b']) await create(widgets, { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name }, spec: {} });
    expect(await deleted(widgets)).toEqual([200, warning]);
  });

  it('is told where the answer is the object that was deleted', async () => {
    const accounts = '/api/v1/namespaces/default/serviceaccounts';
    await create(accounts, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'sa' } });
    expect(await deleted(`${accounts}/sa`)).toEqual([200, warning]);
  });
});
