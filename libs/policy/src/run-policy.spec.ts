import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MemoryCheckpointStore } from '#stream';
import { silentLogger } from '#telemetry';
import { clusterNameOf } from '#workspace';
import { runPatience } from './run-patience.ts';
import { admin, aHouse, eventually, type WorkspaceUnderTest } from './testing/a-house.ts';

let mesh: Awaited<ReturnType<typeof aHouse>>;
beforeEach(async () => {
  mesh = await aHouse();
});
afterEach(() => mesh.stop());

const schema = {
  group: 'demo.test',
  names: { plural: 'gadgets', singular: 'gadget', kind: 'Gadget', listKind: 'GadgetList' },
  scope: 'Namespaced',
  versions: [
    {
      name: 'v1',
      served: true,
      storage: true,
      subresources: { status: {} },
      schema: {
        type: 'object',
        properties: {
          spec: { type: 'object', required: ['size'], properties: { size: { type: 'integer' } } },
          status: { type: 'object', properties: { url: { type: 'string' } } },
        },
      },
    },
  ],
};

async function anAccount(): Promise<WorkspaceUnderTest> {
  await (await mesh.at('root:orgs')).create('accounts', { metadata: { name: 'acme' }, spec: { type: 'org' } });
  await (await mesh.at('root:orgs')).ready('accounts', 'acme');
  await (await mesh.at('root:orgs:acme')).create('accounts', { metadata: { name: 'web' }, spec: { type: 'account' } });
  await (await mesh.at('root:orgs:acme')).ready('accounts', 'web');
  return mesh.at('root:orgs:acme:web');
}

async function aProvider(): Promise<WorkspaceUnderTest> {
  await (await mesh.at('root:providers')).create('accounts', { metadata: { name: 'demo' }, spec: { type: 'account' } });
  const provider = await mesh.at('root:providers:demo');
  await provider.create('apiresourceschemas', { metadata: { name: 'v1.gadgets.demo.test' }, spec: schema });
  const resources = [{ group: 'demo.test', name: 'gadgets', schema: 'v1.gadgets.demo.test', storage: { crd: {} } }];
  await provider.create('apiexports', { metadata: { name: 'demo.test' }, spec: { resources } });
  return provider;
}

const reference = { export: { path: 'root:providers:demo', name: 'demo.test' } };

/** Reports as the provider's bridge would. */
async function report(
  account: WorkspaceUnderTest,
  uid: string,
  more: { readonly observedGeneration?: number; readonly released?: boolean; readonly sequence?: string },
) {
  return mesh.house.report({
    cluster: account.workspace.cluster,
    uid,
    export: 'demo.test',
    resource: 'gadgets',
    observedGeneration: 1,
    sequence: '00000000000000000001',
    status: { url: 'http://x', conditions: [{ type: 'Ready', status: 'True', reason: 'Up', message: '' }] },
    released: false,
    cause: 'spec',
    ...more,
  });
}

describe('an account', () => {
  it('is Ready with a workspace of its own, its namespace and its card', async () => {
    const account = await anAccount();
    expect((await account.get('namespaces', 'default'))?.status).toEqual({ phase: 'Active' });
    const info = (await account.get('accountinfos', 'account'))?.spec as {
      account: { path: string };
      organization: { name: string };
      parentAccount: { name: string };
    };
    expect(info.account.path).toBe('root:orgs:acme:web');
    expect([info.organization.name, info.parentAccount.name]).toEqual(['acme', 'acme']);
  });

  it('takes everything in it along when it goes, children first', async () => {
    const account = await anAccount();
    await account.create('accounts', { metadata: { name: 'inner' }, spec: { type: 'account' } });
    await account.ready('accounts', 'inner');
    const inner = await mesh.at('root:orgs:acme:web:inner');
    const org = await mesh.at('root:orgs:acme');
    expect((await org.delete('accounts', 'web')).type).toBe('terminating');
    await org.gone('accounts', 'web');
    expect(await mesh.house.open('root:orgs:acme:web')).toBeUndefined();
    expect(await mesh.house.open(inner.workspace.cluster)).toBeUndefined();
    expect(await mesh.house.open(clusterNameOf('nobody'))).toBeUndefined();
  });

  it('is refused as an organisation outside root:orgs', async () => {
    const account = await anAccount();
    const outcome = await account.create('accounts', { metadata: { name: 'other' }, spec: { type: 'org' } });
    expect(outcome).toMatchObject({ type: 'refused', refusal: { type: 'ObjectInvalid', causes: [{ field: 'spec.type' }] } });
  });
});

describe('a dry run', () => {
  it('answers as the change would, and changes nothing', async () => {
    const account = await anAccount();
    const kind = account.kind('namespaces');
    const request = { kind, version: 'v1', namespace: '', name: 'default', author: admin, dryRun: true, fieldValidation: 'Warn' as const };
    const before = await account.get('namespaces', 'default');
    const outcome = await account.workspace.patch({
      ...request,
      patch: { type: 'merge', patch: { metadata: { labels: { a: 'b' } } }, duplicateFields: [] },
    });
    if (outcome.type !== 'committed') throw new Error('it was refused');
    expect(outcome.object.object.metadata).toMatchObject({ labels: { a: 'b' }, resourceVersion: before?.metadata.resourceVersion });
    expect(await account.get('namespaces', 'default')).toEqual(before);
  });
});

describe('a binding', () => {
  it('is answered Bound, and from then on its kind is served', async () => {
    await aProvider();
    const account = await anAccount();
    const outcome = await account.create('apibindings', { metadata: { name: 'demo' }, spec: { reference } });
    expect(outcome.type === 'committed' && outcome.object.object.status).toMatchObject({
      phase: 'Bound',
      boundResources: [{ resource: 'gadgets' }],
    });
    expect(account.kind('gadgets').kind).toBe('Gadget');
  });

  it('is refused with one text for a missing export, whoever asks', async () => {
    await aProvider();
    const account = await anAccount();
    const missing = { export: { path: 'root:providers:demo', name: 'nope' } };
    const outcome = await account.create('apibindings', { metadata: { name: 'demo' }, spec: { reference: missing } });
    expect(outcome).toMatchObject({
      refusal: {
        type: 'ActionForbidden',
        message: 'unable to create APIBinding: no permission to bind to export root:providers:demo:nope',
      },
    });
  });

  it('gives way to the first that took a name', async () => {
    await aProvider();
    const account = await anAccount();
    await account.create('apibindings', { metadata: { name: 'first' }, spec: { reference } });
    await account.create('apibindings', { metadata: { name: 'second' }, spec: { reference } });
    const second = await account.ready('apibindings', 'second', '', 'False');
    expect(second.status).toMatchObject({ phase: 'Binding' });
    expect(JSON.stringify(second.status)).toContain('NamingConflicts');
  });

  it('waits for a schema that comes later', async () => {
    await (await mesh.at('root:providers')).create('accounts', { metadata: { name: 'demo' }, spec: { type: 'account' } });
    const provider = await mesh.at('root:providers:demo');
    await provider.create('apiexports', {
      metadata: { name: 'demo.test' },
      spec: { resources: [{ group: 'demo.test', name: 'gadgets', schema: 'v1.gadgets.demo.test' }] },
    });
    const account = await anAccount();
    await account.create('apibindings', { metadata: { name: 'demo' }, spec: { reference } });
    expect(JSON.stringify((await account.ready('apibindings', 'demo', '', 'False')).status)).toContain('APIResourceSchemaNotFound');
    await provider.create('apiresourceschemas', { metadata: { name: 'v1.gadgets.demo.test' }, spec: schema });
    expect((await account.ready('apibindings', 'demo')).status).toMatchObject({ phase: 'Bound' });
  });

  it('takes its instances along, each acknowledged by the provider', async () => {
    await aProvider();
    const account = await anAccount();
    await account.create('apibindings', { metadata: { name: 'demo' }, spec: { reference } });
    await account.create('gadgets', { metadata: { name: 'g', namespace: 'default' }, spec: { size: 1 } });
    const uid = (await account.get('gadgets', 'g', 'default'))?.metadata.uid ?? '';
    await account.delete('apibindings', 'demo');
    const deleting = await eventually(async () => {
      const object = await account.get('gadgets', 'g', 'default');
      return object?.metadata.deletionTimestamp ? object : undefined;
    });
    expect(deleting.metadata.finalizers).toEqual(['tributary.io/provider-release']);
    expect(await report(account, uid, { released: true })).toEqual({ type: 'applied' });
    await account.gone('apibindings', 'demo');
    expect(account.workspace.served().some(({ resource }) => resource === 'gadgets')).toBe(false);
  });
});

describe('an instance', () => {
  async function anInstance() {
    await aProvider();
    const account = await anAccount();
    await account.create('apibindings', { metadata: { name: 'demo' }, spec: { reference } });
    const outcome = await account.create('gadgets', { metadata: { name: 'g', namespace: 'default' }, spec: { size: 1 } });
    if (outcome.type !== 'committed') throw new Error(JSON.stringify(outcome));
    return { account, uid: outcome.object.uid, born: outcome.object.object };
  }

  const condition = (object: { status?: unknown } | undefined, type: string) =>
    ((object?.status ?? {}) as { conditions: readonly { type: string; status: string; reason: string }[] }).conditions.find(
      (known) => known.type === type,
    );

  it('is never without a word about its health', async () => {
    const { account, uid, born } = await anInstance();
    expect(condition(born, 'Ready')).toMatchObject({ status: 'Unknown', reason: 'WaitingForProvider' });
    expect(condition(born, 'Reconciling')).toMatchObject({ status: 'True', reason: 'Accepted' });
    expect(await report(account, uid, {})).toEqual({ type: 'applied' });
    const answered = await account.get('gadgets', 'g', 'default');
    expect(answered?.status).toMatchObject({ observedGeneration: 1, url: 'http://x' });
    expect(condition(answered, 'Reconciling')).toBeUndefined();
    await account.patch('gadgets', 'g', { spec: { size: 2 } }, 'default');
    const changed = await account.get('gadgets', 'g', 'default');
    expect(changed?.metadata.generation).toBe(2);
    expect(changed?.status).toMatchObject({ observedGeneration: 1 });
    expect(condition(changed, 'Ready')).toMatchObject({ status: 'Unknown' });
    expect(condition(changed, 'Reconciling')).toMatchObject({ reason: 'SpecChanged' });
  });

  it('says so when the provider stays silent, until it answers', async () => {
    const { account, uid } = await anInstance();
    const patience = await runPatience({
      house: mesh.house,
      log: mesh.log,
      checkpoints: new MemoryCheckpointStore(),
      logger: silentLogger,
      patienceSeconds: 0.01,
    });
    const silent = await eventually(async () => {
      const object = await account.get('gadgets', 'g', 'default');
      return condition(object, 'Reconciling')?.reason === 'ProviderUnreachable' ? object : undefined;
    });
    expect(condition(silent, 'Ready')).toMatchObject({ status: 'Unknown' });
    expect(silent.status).not.toHaveProperty('observedGeneration');
    await report(account, uid, {});
    expect(condition(await account.get('gadgets', 'g', 'default'), 'Reconciling')).toBeUndefined();
    await patience.stop();
  });

  it('takes each report once, and none from a stranger', async () => {
    const { account, uid } = await anInstance();
    expect(await report(account, uid, {})).toEqual({ type: 'applied' });
    expect(await report(account, uid, {})).toEqual({ type: 'duplicate' });
    const stranger = await mesh.house.report({
      cluster: account.workspace.cluster,
      uid,
      export: 'other.test',
      resource: 'gadgets',
      observedGeneration: 1,
      sequence: '00000000000000000009',
      status: {},
      released: false,
      cause: 'spec',
    });
    expect(stranger.type).toBe('refused');
  });

  it("tells the consumer of a report that was set aside, but not of a stranger's", async () => {
    const { account, uid } = await anInstance();
    const parked = {
      cluster: account.workspace.cluster,
      uid,
      export: 'demo.test',
      resource: 'gadgets',
      cause: 'spec',
      reason: 'url: is no text',
    };
    await mesh.house.parked({ ...parked, export: 'other.test', reason: 'mine now' });
    await mesh.house.parked(parked);
    await mesh.house.parked(parked);
    const told = await account.workspace.list({ kind: account.kind('events'), version: 'v1', namespace: 'default' });
    expect(told.type === 'listed' && told.items.map(({ object }) => object)).toMatchObject([
      {
        type: 'Warning',
        reason: 'ReportParked',
        message: 'A report of the provider was not applied: url: is no text',
        involvedObject: { apiVersion: 'demo.test/v1', kind: 'Gadget', uid },
        count: 1,
      },
    ]);
  });
});

describe('a namespace', () => {
  const inNamespace = (name: string, namespace: string) => ({ metadata: { name, namespace } });

  it('has an identity from the start, which comes back when it is deleted', async () => {
    const account = await anAccount();
    expect(await account.get('serviceaccounts', 'default', 'default')).toMatchObject({ kind: 'ServiceAccount' });
    await account.create('namespaces', { metadata: { name: 'more' } });
    const first = await eventually(() => account.get('serviceaccounts', 'default', 'more'));
    await account.delete('serviceaccounts', 'default', 'more');
    const second = await eventually(async () => {
      const found = await account.get('serviceaccounts', 'default', 'more');
      return found?.metadata.uid === first.metadata.uid ? undefined : found;
    });
    expect(second.metadata.uid).not.toBe(first.metadata.uid);
  });

  it('takes what is in it along, and says what holds it', async () => {
    const account = await anAccount();
    await account.create('namespaces', { metadata: { name: 'more' } });
    await eventually(() => account.get('serviceaccounts', 'default', 'more'));
    await account.create('configmaps', inNamespace('plain', 'more'));
    await account.create('configmaps', { metadata: { ...inNamespace('held', 'more').metadata, finalizers: ['example.com/hold'] } });
    expect(await account.delete('namespaces', 'more')).toMatchObject({
      type: 'terminating',
      object: { object: { status: { phase: 'Terminating' } } },
    });
    const status = await eventually(async () => {
      const found = (await account.get('namespaces', 'more'))?.status as {
        conditions?: readonly { type: string; status: string; message: string }[];
      };
      return found.conditions;
    });
    expect(status.map(({ type, status }) => [type, status])).toEqual([
      ['NamespaceDeletionDiscoveryFailure', 'False'],
      ['NamespaceDeletionGroupVersionParsingFailure', 'False'],
      ['NamespaceDeletionContentFailure', 'False'],
      ['NamespaceContentRemaining', 'True'],
      ['NamespaceFinalizersRemaining', 'True'],
    ]);
    expect(status.map(({ message }) => message).slice(3)).toEqual([
      'Some resources are remaining: configmaps. has 1 resource instances',
      'Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances',
    ]);
    expect(await account.create('configmaps', inNamespace('late', 'more'))).toMatchObject({ refusal: { type: 'NamespaceTerminating' } });
    expect(await account.get('configmaps', 'plain', 'more')).toBeUndefined();
    await account.patch('configmaps', 'held', { metadata: { finalizers: null } }, 'more');
    await account.gone('namespaces', 'more');
  });

  it('takes along what was not meant to last, whatever holds it', async () => {
    const account = await anAccount();
    await account.create('namespaces', { metadata: { name: 'more' } });
    await account.create('leases', { metadata: { ...inNamespace('leader', 'more').metadata, finalizers: ['example.com/hold'] } });
    await account.create('leases', inNamespace('leader', 'default'));
    await account.delete('namespaces', 'more');
    await account.gone('namespaces', 'more');
    expect(await account.get('leases', 'leader', 'more')).toBeUndefined();
    expect(await account.get('leases', 'leader', 'default')).toBeDefined();
    const ended = Promise.withResolvers<void>();
    const request = { kind: account.kind('leases'), version: 'v1', namespace: '' };
    await account.workspace.watch(request, { events: () => undefined, ended: () => ended.resolve() });
    const org = await mesh.at('root:orgs:acme');
    await org.delete('accounts', 'web');
    await Promise.all([org.gone('accounts', 'web'), ended.promise]);
    const stream = `ephemeral-${account.workspace.cluster}`;
    await expect(mesh.log.readStream(stream, 0n)[Symbol.asyncIterator]().next()).rejects.toThrow('keeps nothing before');
  });
});
