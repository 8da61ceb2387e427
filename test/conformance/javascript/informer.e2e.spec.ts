import { CoreV1Api, KubeConfig, Watch, makeInformer, type Informer, type ObjectCache, type V1ConfigMap } from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startInterruptingFront, type InterruptingFront } from '../../servers/interrupting-front.ts';
import { openWorkspace } from '../../servers/tributary-workspace.ts';
import { startTributary, type TributaryServer } from '../../servers/tributary.ts';
import { untilTrue } from '../../servers/tributary-until.ts';

// The JavaScript client's watch and informer, over a line that breaks.

let server: TributaryServer;
let front: InterruptingFront;
let config: KubeConfig;
let core: CoreV1Api;

const namespace = 'default';
const path = `/api/v1/namespaces/${namespace}/configmaps`;

beforeAll(async () => {
  server = await startTributary();
  front = await startInterruptingFront(server);
  const workspace = await openWorkspace(server, 'informer');
  const configAt = (url: string): KubeConfig => {
    const config = new KubeConfig();
    config.loadFromFile(server.kubeconfig);
    config.clusters = config.clusters.map((cluster) => ({ ...cluster, server: url + workspace }));
    return config;
  };
  config = configAt(front.url);
  core = configAt(server.url).makeApiClient(CoreV1Api);
});
afterAll(async () => {
  await front?.close();
  await server?.remove();
});

const create = (name: string, labels: Record<string, string>, data: Record<string, string> = {}) =>
  core.createNamespacedConfigMap({ namespace, body: { metadata: { name, labels }, data } });

describe('a watch', () => {
  it('tells of a selection as it changes, and ends in time', async () => {
    const seen: string[] = [];
    const { metadata } = await core.listNamespacedConfigMap({ namespace });
    const done = Promise.withResolvers<unknown>();
    const query = { labelSelector: 'app=watched', resourceVersion: metadata?.resourceVersion, timeoutSeconds: 3 };
    const tell = (type: string, object: V1ConfigMap): void => void seen.push(`${type} ${object.metadata?.name} ${object.data?.['n']}`);
    await new Watch(config).watch(path, query, tell, done.resolve);
    const made = await create('w', { app: 'watched' }, { n: '1' });
    await core.replaceNamespacedConfigMap({ namespace, name: 'w', body: { ...made, data: { n: '2' } } });
    await core.replaceNamespacedConfigMap({ namespace, name: 'w', body: { metadata: { name: 'w' }, data: { n: '3' } } });
    expect(await done.promise).toBeNull();
    expect(seen).toEqual(['ADDED w 1', 'MODIFIED w 2', 'DELETED w 2']);
  });

  it('is refused as any request is', async () => {
    const done = Promise.withResolvers<unknown>();
    await new Watch(config).watch('/api/v1/nothings', {}, () => undefined, done.resolve);
    expect(await done.promise).toMatchObject({ statusCode: 404 });
  });
});

describe('an informer', () => {
  const told: string[] = [];
  const errors: unknown[] = [];
  let lists = 0;
  let informer: Informer<V1ConfigMap> & ObjectCache<V1ConfigMap>;
  const names = (): readonly (string | undefined)[] => informer.list(namespace).map(({ metadata }) => metadata?.name);
  const untilTold = (last: string): Promise<void> => untilTrue(last, () => told.includes(last));

  beforeAll(async () => {
    await create('there', { app: 'informed' });
    const list = () => {
      lists++;
      return config.makeApiClient(CoreV1Api).listNamespacedConfigMap({ namespace, labelSelector: 'app=informed' });
    };
    informer = makeInformer(config, path, list, 'app=informed');
    for (const verb of ['add', 'update', 'delete'] as const) informer.on(verb, ({ metadata }) => told.push(`${verb} ${metadata?.name}`));
    // As the client's documentation says: who hears of an error starts anew.
    informer.on('error', (error: unknown) => {
      errors.push(error);
      setTimeout(() => void informer.start(), 50);
    });
    await informer.start();
  });
  afterAll(() => informer?.stop());

  it('knows what is there, and hears of what comes, changes and goes', async () => {
    expect(informer.get('there', namespace)).toMatchObject({ metadata: { name: 'there' } });
    const made = await create('came', { app: 'informed' });
    await untilTold('add came');
    await core.replaceNamespacedConfigMap({ namespace, name: 'came', body: { ...made, data: { x: 'y' } } });
    await untilTold('update came');
    expect(informer.get('came', namespace)?.data).toEqual({ x: 'y' });
    await core.deleteNamespacedConfigMap({ namespace, name: 'came' });
    await untilTold('delete came');
    expect(names()).toEqual(['there']);
  });

  it('goes on where the line broke', async () => {
    front.cut();
    await untilTrue('the break is noticed', () => errors.length > 0);
    await create('meanwhile', { app: 'informed' });
    await untilTold('add meanwhile');
    expect(told.filter((line) => line === 'add there')).toHaveLength(1);
  });

  it('lists anew where its place is forgotten, and hears what it has missed', async () => {
    const listsBefore = lists;
    front.expire();
    await core.deleteNamespacedConfigMap({ namespace, name: 'meanwhile' });
    await create('after', { app: 'informed' });
    await untilTold('add after');
    await untilTold('delete meanwhile');
    expect(names()).toEqual(['there', 'after']);
    expect(lists).toBeGreaterThan(listsBefore);
  });

  it('outlives the server', async () => {
    await server.restart();
    await create('restarted', { app: 'informed' });
    await untilTold('add restarted');
    await core.deleteNamespacedConfigMap({ namespace, name: 'there' });
    await untilTold('delete there');
    expect(names().toSorted()).toEqual(['after', 'restarted']);
  });
});
