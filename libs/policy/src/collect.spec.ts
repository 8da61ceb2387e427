import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { KubeObject, OwnerReference } from '#kube';
import { aHouse, eventually, type WorkspaceUnderTest } from './testing/a-house.ts';

let mesh: Awaited<ReturnType<typeof aHouse>>;
let orgs: WorkspaceUnderTest;
beforeEach(async () => {
  mesh = await aHouse();
  orgs = await mesh.at('root:orgs');
});
afterEach(() => mesh.stop());

const namespace = 'default';
const absent = '00000000-0000-4000-8000-000000000000';

type Wish = { readonly owners?: readonly OwnerReference[]; readonly finalizers?: readonly string[]; readonly namespace?: string };

/** A ConfigMap, and a reference to it. */
async function aMap(name: string, { owners, finalizers, namespace: where = namespace }: Wish = {}) {
  const metadata = { name, namespace: where, ...(owners ? { ownerReferences: owners } : {}), ...(finalizers ? { finalizers } : {}) };
  const made = await orgs.create('configmaps', { metadata });
  if (made.type !== 'committed') throw new Error(JSON.stringify(made));
  return { apiVersion: 'v1', kind: 'ConfigMap', name, uid: made.object.uid };
}

const blocking = (reference: OwnerReference): OwnerReference => ({ ...reference, blockOwnerDeletion: true });
const map = (name: string, where = namespace): Promise<KubeObject | undefined> => orgs.get('configmaps', name, where);
const remove = (name: string, propagation?: 'Background' | 'Foreground' | 'Orphan') =>
  orgs.delete('configmaps', name, namespace, propagation);
const gone = (name: string): Promise<true> => orgs.gone('configmaps', name, namespace);
const letGo = (name: string) => orgs.patch('configmaps', name, { metadata: { finalizers: null } }, namespace);
const ownersOf = async (name: string): Promise<readonly string[]> =>
  ((await map(name))?.metadata.ownerReferences ?? []).map((owner) => owner.name);
const finalizersOf = async (name: string): Promise<readonly string[] | undefined> => (await map(name))?.metadata.finalizers;

/** Once the policy has answered all that has happened: what was not done by then is not done. */
const quiet = () => eventually(async () => ((await mesh.log.headOfAll()) === mesh.policy.position() ? true : undefined));

describe('in the background', () => {
  it('dependents go after their owner, and theirs after them', async () => {
    const owner = await aMap('owner');
    const middle = await aMap('middle', { owners: [owner] });
    await aMap('leaf', { owners: [middle] });
    expect(await remove('owner', 'Background')).toMatchObject({ type: 'removed' });
    await gone('middle');
    await gone('leaf');
  });

  it('an object with another owner left stays, and no longer names the one that is gone', async () => {
    const [one, other] = [await aMap('one'), await aMap('other')];
    await aMap('shared', { owners: [one, other] });
    await remove('one');
    await eventually(async () => ((await ownersOf('shared')).join() === 'other' ? true : undefined));
    await remove('other');
    await gone('shared');
  });

  it('a dependent with finalizers waits for them', async () => {
    await aMap('held', { owners: [await aMap('owner')], finalizers: ['x.io/hold'] });
    await remove('owner');
    await eventually(async () => (await map('held'))?.metadata.deletionTimestamp);
    await letGo('held');
    await gone('held');
  });

  it('two thousand dependents go', { timeout: 30_000 }, async () => {
    const owner = await aMap('owner');
    const many = Array.from({ length: 2_000 }, (_, at) => aMap(`dependent-${at}`, { owners: [owner] }));
    await Promise.all(many);
    await remove('owner');
    await eventually(async () => {
      const listed = await orgs.workspace.list({ kind: orgs.kind('configmaps'), version: 'v1', namespace });
      return listed.type === 'listed' && listed.items.length === 0 ? true : undefined;
    }, 25_000);
  });
});

describe('Leases, which stand on the side stream,', () => {
  const aLease = async (name: string, owners: readonly OwnerReference[] = []) => {
    const made = await orgs.create('leases', { metadata: { name, namespace, ownerReferences: owners } });
    if (made.type !== 'committed') throw new Error(JSON.stringify(made));
    return { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', name, uid: made.object.uid };
  };
  const lease = (name: string) => orgs.get('leases', name, namespace);
  const leaseGone = (name: string) => orgs.gone('leases', name, namespace);

  it('go after their owner', async () => {
    await aLease('free');
    await aLease('owned', [await aMap('owner')]);
    await quiet();
    expect(await lease('owned')).toBeDefined();
    await remove('owner');
    await leaseGone('owned');
    expect(await lease('free')).toBeDefined();
  });

  it('go where their owner never was', async () => {
    await aLease('orphan', [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'nobody', uid: absent }]);
    await leaseGone('orphan');
  });

  it('own what goes after them', async () => {
    await aMap('owned', { owners: [await aLease('owner')] });
    await quiet();
    expect(await map('owned')).toBeDefined();
    await orgs.delete('leases', 'owner', namespace);
    await gone('owned');
  });

  it('go before an owner that waits for them', async () => {
    await aLease('owned', [blocking(await aMap('owner'))]);
    expect(await remove('owner', 'Foreground')).toMatchObject({ type: 'terminating' });
    await gone('owner');
    expect(await lease('owned')).toBeUndefined();
  });

  it('are left alone where their owner is to go alone', async () => {
    await aLease('owned', [await aMap('owner')]);
    await remove('owner', 'Orphan');
    await gone('owner');
    await quiet();
    expect(await lease('owned')).toBeDefined();
    expect((await lease('owned'))?.metadata.ownerReferences).toBeUndefined();
  });
});

describe('what the mesh computes', () => {
  it('is an owner that is there', async () => {
    const names = [
      ['ClusterRole', 'clusterroles', 'view', 'rbac.authorization.k8s.io/v1'],
      ['Namespace', 'namespaces', 'kube-system', 'v1'],
    ] as const;
    for (const [kind, resource, name, apiVersion] of names) {
      const owner = await orgs.get(resource, name);
      await aMap(`of-${resource}`, { owners: [{ apiVersion, kind, name, uid: owner?.metadata.uid ?? '' }] });
    }
    await quiet();
    expect(await map('of-clusterroles')).toBeDefined();
    expect(await map('of-namespaces')).toBeDefined();
  });

  it('is none where it is not: the object goes', async () => {
    const reference = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', name: 'view', uid: absent };
    await aMap('orphan', { owners: [reference] });
    await gone('orphan');
  });
});

describe('an owner that is not there', () => {
  it('never was: the object goes', async () => {
    await aMap('orphan', { owners: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'nobody', uid: absent }] });
    await gone('orphan');
  });

  it('is another one of the same name: the object goes', async () => {
    const owner = await aMap('owner');
    await aMap('mistaken', { owners: [{ ...owner, uid: absent }] });
    await gone('mistaken');
    expect(await map('owner')).toBeDefined();
  });

  it('lives in another namespace: the object goes', async () => {
    await orgs.create('namespaces', { metadata: { name: 'elsewhere' } });
    const owner = await aMap('owner', { namespace: 'elsewhere' });
    await aMap('stranger', { owners: [owner] });
    await gone('stranger');
    const told = await orgs.workspace.list({ kind: orgs.kind('events'), version: 'v1', namespace });
    expect(told.type === 'listed' && told.items.map(({ object }) => object)).toMatchObject([
      {
        type: 'Warning',
        reason: 'OwnerRefInvalidNamespace',
        message: `ownerRef [v1/ConfigMap, namespace: default, name: owner, uid: ${owner.uid}] does not exist in namespace "default"`,
        involvedObject: { kind: 'ConfigMap', namespace, name: 'stranger' },
        source: { component: 'garbage-collector-controller' },
        count: 1,
      },
    ]);
  });

  it('is named later: the object goes then', async () => {
    await aMap('later');
    const ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'nobody', uid: absent }];
    await orgs.patch('configmaps', 'later', { metadata: { ownerReferences } }, namespace);
    await gone('later');
  });

  it('would be of a kind that nobody serves: the object stays', async () => {
    await aMap('kept', { owners: [{ apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', uid: absent }] });
    await quiet();
    expect(await ownersOf('kept')).toEqual(['web']);
  });

  it('cannot own what belongs to no namespace: the object stays', async () => {
    const owner = await aMap('owner');
    await orgs.create('namespaces', { metadata: { name: 'wide', ownerReferences: [owner] } });
    await quiet();
    expect((await orgs.get('namespaces', 'wide'))?.metadata.deletionTimestamp).toBeUndefined();
  });
});

describe('in the foreground', () => {
  it('the owner waits for those who block it', async () => {
    const owner = await aMap('owner');
    await aMap('blocker', { owners: [blocking(owner)], finalizers: ['x.io/hold'] });
    expect(await remove('owner', 'Foreground')).toMatchObject({ type: 'terminating' });
    await eventually(async () => (await map('blocker'))?.metadata.deletionTimestamp);
    await quiet();
    expect(await finalizersOf('owner')).toEqual(['foregroundDeletion']);
    await letGo('blocker');
    await gone('blocker');
    await gone('owner');
  });

  it('the owner does not wait for others, but they go too', async () => {
    const owner = await aMap('owner');
    await aMap('slow', { owners: [owner], finalizers: ['x.io/hold'] });
    await remove('owner', 'Foreground');
    await gone('owner');
    await eventually(async () => (await map('slow'))?.metadata.deletionTimestamp);
  });

  it('goes down the whole tree, from the leaves', async () => {
    const owner = await aMap('owner');
    const middle = await aMap('middle', { owners: [blocking(owner)] });
    await aMap('leaf', { owners: [blocking(middle)], finalizers: ['x.io/hold'] });
    await remove('owner', 'Foreground');
    await eventually(async () => (await map('leaf'))?.metadata.deletionTimestamp);
    await quiet();
    expect(await finalizersOf('middle')).toEqual(['foregroundDeletion']);
    await letGo('leaf');
    await gone('owner');
    expect(await map('middle')).toBeUndefined();
  });

  it('the owner goes when its last dependent looks for another owner', async () => {
    const [owner, other] = [await aMap('owner'), await aMap('other')];
    await aMap('blocker', { owners: [blocking(owner)], finalizers: ['x.io/hold'] });
    await remove('owner', 'Foreground');
    await eventually(async () => (await map('blocker'))?.metadata.deletionTimestamp);
    await orgs.patch('configmaps', 'blocker', { metadata: { ownerReferences: [other] } }, namespace);
    await gone('owner');
    expect(await ownersOf('blocker')).toEqual(['other']);
  });

  it('two who own each other both go', async () => {
    const first = await aMap('first');
    const second = await aMap('second', { owners: [blocking(first)] });
    await orgs.patch('configmaps', 'first', { metadata: { ownerReferences: [blocking(second)] } }, namespace);
    await remove('first', 'Foreground');
    await gone('first');
    await gone('second');
  });

  it('a dependent that has another owner stays', async () => {
    const [owner, other] = [await aMap('owner'), await aMap('other')];
    await aMap('shared', { owners: [blocking(owner), blocking(other)] });
    await remove('owner', 'Foreground');
    await gone('owner');
    expect(await ownersOf('shared')).toEqual(['other']);
  });

  it('who asks again in the background has it at once', async () => {
    const owner = await aMap('owner');
    await aMap('blocker', { owners: [blocking(owner)], finalizers: ['x.io/hold'] });
    await remove('owner', 'Foreground');
    expect(await remove('owner')).toMatchObject({ type: 'terminating' });
    expect(await remove('owner', 'Background')).toMatchObject({ type: 'removed' });
  });
});

describe('orphaning', () => {
  it('removes the references first, then the owner, and nothing else', async () => {
    const owner = await aMap('owner');
    await aMap('child', { owners: [blocking(owner)] });
    expect(await remove('owner', 'Orphan')).toMatchObject({ type: 'terminating' });
    await gone('owner');
    await quiet();
    expect(await ownersOf('child')).toEqual([]);
    expect((await map('child'))?.metadata.deletionTimestamp).toBeUndefined();
  });

  it('is what an owner with the finalizer asks for by itself', async () => {
    const owner = await aMap('owner', { finalizers: ['orphan'] });
    await aMap('child', { owners: [owner] });
    await remove('owner');
    await gone('owner');
    await quiet();
    expect(await map('child')).toBeDefined();
  });
});

describe('across kinds', () => {
  const schema = { openAPIV3Schema: { type: 'object' } };
  const define = () =>
    orgs.create('customresourcedefinitions', {
      metadata: { name: 'widgets.example.com' },
      spec: {
        group: 'example.com',
        scope: 'Namespaced',
        names: { plural: 'widgets', kind: 'Widget' },
        versions: [{ name: 'v1', served: true, storage: true, schema }],
      },
    });

  it('what a consumer has defined owns, and is owned', async () => {
    await define();
    const owner = await aMap('owner');
    const made = await orgs.create('widgets', { metadata: { name: 'w', namespace, ownerReferences: [owner] } });
    if (made.type !== 'committed') throw new Error(JSON.stringify(made.refusal));
    const widget = { apiVersion: 'example.com/v1', kind: 'Widget', name: 'w', uid: made.object.uid };
    await aMap('child', { owners: [widget] });
    await orgs.create('secrets', { metadata: { name: 's', namespace, ownerReferences: [widget] } });
    await remove('owner');
    await gone('child');
    await orgs.gone('widgets', 'w', namespace);
    await orgs.gone('secrets', 's', namespace);
  });

  it('those whose owners go with their definition go, too', async () => {
    await define();
    const made = await orgs.create('widgets', { metadata: { name: 'w', namespace } });
    if (made.type !== 'committed') throw new Error(JSON.stringify(made.refusal));
    await aMap('child', { owners: [{ apiVersion: 'example.com/v1', kind: 'Widget', name: 'w', uid: made.object.uid }] });
    await orgs.delete('customresourcedefinitions', 'widgets.example.com');
    await gone('child');
  });

  it('an instance is given back to its provider, as whoever deletes it would', async () => {
    await orgs.create('accounts', { metadata: { name: 'acme' }, spec: { type: 'org' } });
    await orgs.ready('accounts', 'acme');
    const acme = await mesh.at('root:orgs:acme');
    const version = { name: 'v1', served: true, storage: true, schema: { type: 'object' } };
    const names = { plural: 'gadgets', singular: 'gadget', kind: 'Gadget', listKind: 'GadgetList' };
    const spec = { group: 'demo.test', names, scope: 'Namespaced', versions: [version] };
    await acme.create('apiresourceschemas', { metadata: { name: 'v1.gadgets.demo.test' }, spec });
    const resources = [{ group: 'demo.test', name: 'gadgets', schema: 'v1.gadgets.demo.test', storage: { crd: {} } }];
    await acme.create('apiexports', { metadata: { name: 'demo.test' }, spec: { resources } });
    const reference = { export: { path: 'root:orgs:acme', name: 'demo.test' } };
    await acme.create('apibindings', { metadata: { name: 'demo' }, spec: { reference } });
    const owner = await acme.create('configmaps', { metadata: { name: 'owner', namespace } });
    if (owner.type !== 'committed') throw new Error(JSON.stringify(owner.refusal));
    const ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: owner.object.uid }];
    expect(await acme.create('gadgets', { metadata: { name: 'g', namespace, ownerReferences } })).toMatchObject({ type: 'committed' });
    await acme.delete('configmaps', 'owner', namespace);
    const going = await eventually(async () => {
      const gadget = await acme.get('gadgets', 'g', namespace);
      return gadget?.metadata.deletionTimestamp === undefined ? undefined : gadget;
    });
    expect(going.metadata.finalizers).toEqual(['tributary.io/provider-release']);
  });
});

describe('after a restart', () => {
  it('what was not finished is done', async () => {
    const owner = await aMap('owner');
    await aMap('child', { owners: [owner] });
    await mesh.policy.stop();
    await remove('owner');
    const again = await aHouse(mesh.log);
    const { workspace } = await again.at('root:orgs');
    const kind = orgs.kind('configmaps');
    await eventually(async () => ((await workspace.get({ kind, version: 'v1', namespace, name: 'child' })) ? undefined : true));
    await again.stop();
  });
});
