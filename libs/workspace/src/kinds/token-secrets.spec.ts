import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newSigningKey, ServiceAccountTokens, SigningKey } from '#access';
import type { KubeObject, ServedKind } from '#kube';
import type { House } from '../house.ts';
import { openRoot } from '../testing/open-root.ts';
import type { Author, Workspace } from '../workspaces.ts';
import { secrets, serviceAccounts } from './core-kinds.ts';
import { namespaces } from './tenancy-kinds.ts';

const author: Author = { user: 'ada', groups: ['system:masters'], userAgent: 'spec', fieldManager: 'spec', cause: 'spec' };
const tokens = new ServiceAccountTokens(new SigningKey(newSigningKey()), 'https://mesh.test');

let house: House;
let root: Workspace;

beforeEach(async () => {
  ({ house, workspace: root } = await openRoot({ serviceAccounts: { tokens, ca: 'CA' } }));
});
afterEach(() => house.close());

function create(kind: ServedKind, metadata: KubeObject['metadata'], more: object = {}) {
  const body = { apiVersion: 'v1', kind: kind.kind, metadata, ...more } as KubeObject;
  const request = { kind, version: 'v1', namespace: metadata.namespace ?? '', author, dryRun: false, body };
  return root.create({ ...request, fieldValidation: 'Strict', duplicateFields: [] });
}

describe('a token Secret', () => {
  it('that was there before its ServiceAccount is filled when that comes', async () => {
    await create(namespaces, { name: 'n' });
    const annotations = { 'kubernetes.io/service-account.name': 'robot' };
    for (const name of ['early', 'twin'])
      await create(secrets, { name, namespace: 'n', annotations }, { type: 'kubernetes.io/service-account-token' });
    const dataOf = async (name: string) => (await root.get({ kind: secrets, version: 'v1', namespace: 'n', name }))?.object['data'];
    expect(await dataOf('early')).toBeUndefined();
    await create(serviceAccounts, { name: 'other', namespace: 'n' });
    expect(await dataOf('early')).toBeUndefined();
    await create(serviceAccounts, { name: 'robot', namespace: 'n' });
    for (const name of ['early', 'twin']) {
      const { token = '' } = (await dataOf(name)) as { token?: string };
      const claim = tokens.read(Buffer.from(token, 'base64').toString());
      expect(claim && root.vouchesFor(claim)).toBe(true);
    }
  });
});
