import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { JsonObject } from '#kube';
import { aHouse, admin, type WorkspaceUnderTest } from './testing/a-house.ts';

let mesh: Awaited<ReturnType<typeof aHouse>>;
let root: WorkspaceUnderTest;
beforeEach(async () => {
  mesh = await aHouse();
  root = await mesh.at('root');
});
afterEach(() => mesh.stop());

const rule = (resource: string) => ({ verbs: ['get'], apiGroups: ['example.com'], resources: [resource] });
const request = (name: string) => ({
  kind: root.kind('clusterroles'),
  version: 'v1',
  namespace: '',
  name,
  author: admin,
  dryRun: false,
  fieldValidation: 'Ignore' as const,
});
const create = (name: string, content: object, labels: Record<string, string> = {}) =>
  root.create('clusterroles', { metadata: { name, labels }, ...content });
const relabel = (name: string, labels: JsonObject) =>
  root.workspace.patch({ ...request(name), patch: { type: 'merge', patch: { metadata: { labels } }, duplicateFields: [] } });
const rulesOf = async (name: string) =>
  ((await root.workspace.get(request(name)))?.object as unknown as { readonly rules?: unknown } | undefined)?.rules;
const comesToHave = (name: string, ...rules: object[]) =>
  vi.waitFor(async () => expect(await rulesOf(name)).toEqual(rules), { timeout: 10_000, interval: 10 });

describe('a ClusterRole that aggregates', () => {
  const selector = { aggregationRule: { clusterRoleSelectors: [{ matchLabels: { to: 'all' } }] } };

  test('shows the rules of those that it selects, as they come, change and go', async () => {
    await create('all', { ...selector, rules: [rule('of-its-own')] });
    await comesToHave('all');
    await create('a', { rules: [rule('apples')] }, { to: 'all' });
    await create('b', { rules: [rule('berries'), rule('apples')] });
    await comesToHave('all', rule('apples'));
    await relabel('b', { to: 'all' });
    await comesToHave('all', rule('apples'), rule('berries'));
    const owners = (await root.workspace.get(request('all')))?.object.metadata.managedFields ?? [];
    expect(owners.map(({ manager }) => manager)).toContain('clusterrole-aggregation-controller');
    await root.workspace.delete({ ...request('a'), propagation: 'Background' });
    await comesToHave('all', rule('berries'), rule('apples'));
  });
});
