import { afterEach, beforeEach, expect, it } from 'vitest';
import { clusterNameOf } from '#workspace';
import { aHouse, eventually } from './testing/a-house.ts';

let mesh: Awaited<ReturnType<typeof aHouse>>;
beforeEach(async () => {
  mesh = await aHouse();
});
afterEach(() => mesh.stop());

const keysOf = async (cluster: string): Promise<readonly string[]> => [...(await mesh.house.accounts.keys.load(cluster)).keys()];
const emptied = (cluster: string) => eventually(async () => ((await keysOf(cluster)).length === 0 ? true : undefined));

it('destroys the key of a Secret that is removed: what the log holds of it can never be read again', async () => {
  const orgs = await mesh.at('root:orgs');
  const made = await orgs.create('secrets', { metadata: { name: 's', namespace: 'default' }, ...{ stringData: { p: 'hunter2' } } });
  if (made.type !== 'committed') throw new Error('refused');
  const { cluster } = orgs.workspace;
  expect(await keysOf(cluster)).toEqual([made.object.uid]);
  await orgs.delete('secrets', 's', 'default');
  await emptied(cluster);
  const past = await (await mesh.house.accounts.account(cluster)).past.recordAt(made.object.position);
  expect(past?.object.metadata.name).toBe('s');
  expect(past?.object).not.toHaveProperty('data');
});

it('destroys the key of an object whose schema marks a field as secret', async () => {
  const orgs = await mesh.at('root:orgs');
  const pin = { type: 'string', format: 'password' };
  const openAPIV3Schema = { type: 'object', properties: { spec: { type: 'object', properties: { pin } } } };
  await orgs.create('customresourcedefinitions', {
    metadata: { name: 'doors.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Cluster',
      names: { plural: 'doors', kind: 'Door' },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema } }],
    },
  });
  const made = await (await mesh.at('root:orgs')).create('doors', { metadata: { name: 'front' }, spec: { pin: 'hunter2' } });
  if (made.type !== 'committed') throw new Error('refused');
  const { cluster } = orgs.workspace;
  expect(await keysOf(cluster)).toEqual([made.object.uid]);
  await (await mesh.at('root:orgs')).delete('doors', 'front');
  await emptied(cluster);
  const past = await (await mesh.house.accounts.account(cluster)).past.recordAt(made.object.position);
  expect(past?.object.metadata.name).toBe('front');
  expect(past?.object.spec).toEqual({});
});

it('destroys all keys of a workspace that is gone, also those that were never used', async () => {
  const orgs = await mesh.at('root:orgs');
  await orgs.create('accounts', { metadata: { name: 'acme' }, spec: { type: 'org' } });
  const uid = (await orgs.ready('accounts', 'acme')).metadata.uid ?? '';
  const acme = await mesh.at('root:orgs:acme');
  await acme.create('secrets', { metadata: { name: 's', namespace: 'default' }, ...{ stringData: { p: 'hunter2' } } });
  await mesh.house.accounts.keys.create(clusterNameOf(uid), 'never used');
  expect((await keysOf(clusterNameOf(uid))).length).toBe(2);
  await orgs.delete('accounts', 'acme');
  await orgs.gone('accounts', 'acme');
  await emptied(clusterNameOf(uid));
});
