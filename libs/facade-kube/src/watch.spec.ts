import { createInterface } from 'node:readline';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { queryObjects, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { prefix, startKubeServer, widgetsPath as widgets } from './testing/kube-server.ts';
import { storedObject } from './testing/memory-workspace.ts';
import { FlushQueue } from './watch/flush-queue.ts';
import { framerFor } from './watch/frames.ts';

let server: Awaited<ReturnType<typeof startKubeServer>>;
vi.setConfig({ testTimeout: 30_000 });
beforeAll(async () => {
  server = await startKubeServer();
});
afterAll(() => server.stop());

/** Under load a condition may take its time; a spec that never gets there fails. */
const until = (condition: () => boolean) => vi.waitUntil(condition, { timeout: 20_000, interval: 5 });

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Node keeps timers of the same length in a list, which is found at any of them. */
const timer = setTimeout(() => undefined, 0) as unknown as { readonly _idlePrev: object };
const listOfTimers = timer._idlePrev.constructor;

type Event = {
  readonly type: string;
  readonly object: Record<string, never> & { metadata: { name: string; resourceVersion: string; annotations?: object } };
};

/** Reads a watch line by line. `next` fails the spec by its timeout when nothing comes. */
async function watch(query: string, headers: Record<string, string> = {}, path = widgets) {
  const response = await server.open(`${path}?watch=true&${query}`, { headers });
  const lines = createInterface({ input: response })[Symbol.asyncIterator]();
  const next = async (): Promise<Event | undefined> => {
    const line = await lines.next();
    return line.done === true ? undefined : (JSON.parse(line.value) as Event);
  };
  return { response, next, take: async (count: number) => Promise.all(Array.from({ length: count }, next)) };
}

const summary = (event: Event | undefined) =>
  event === undefined ? undefined : `${event.type} ${event.object.metadata.name} ${event.object.metadata.resourceVersion}`;
const write = (name: string, labels: Record<string, string> = {}) =>
  server.send(widgets, {
    method: 'POST',
    body: JSON.stringify({ apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name, labels }, spec: {} }),
  });
const patch = (name: string, body: object) =>
  server.send(`${widgets}/${name}`, {
    method: 'PATCH',
    headers: { 'content-type': 'application/merge-patch+json' },
    body: JSON.stringify(body),
  });
const remove = (name: string) => server.send(`${widgets}/${name}`, { method: 'DELETE' });
const position = () => Number(server.workspaces.acme.position());
const watcherCount = () => server.workspaces.acme.watchers.size;

describe('a watch', () => {
  it('begins with what there is, then tells every change in order', async () => {
    await write('b');
    await write('a');
    const at = position();
    const { response, next } = await watch('');
    expect(response.headers['content-type']).toBe('application/json');
    expect(summary(await next())).toBe(`ADDED a ${at}`);
    expect(summary(await next())).toBe(`ADDED b ${at - 1}`);
    await until(() => watcherCount() > 0);
    await write('c');
    await patch('c', { spec: { x: 1 } });
    await remove('c');
    expect(summary(await next())).toBe(`ADDED c ${at + 1}`);
    expect(summary(await next())).toBe(`MODIFIED c ${at + 2}`);
    expect(summary(await next())).toBe(`DELETED c ${at + 3}`);
    response.destroy();
    await until(() => watcherCount() === 0);
  });

  it('goes on behind a position, without a gap', async () => {
    const at = position();
    await write('d');
    await remove('d');
    const { response, next } = await watch(`resourceVersion=${at}`);
    expect(summary(await next())).toBe(`ADDED d ${at + 1}`);
    expect(summary(await next())).toBe(`DELETED d ${at + 2}`);
    response.destroy();
  });

  it('sends its headers at once, and waits silently for the future', async () => {
    const { response, next } = await watch(`resourceVersion=${position() + 1}`);
    expect(response.statusCode).toBe(200);
    await until(() => watcherCount() > 0);
    await write('e');
    await remove('e');
    expect(summary(await next())).toBe(`DELETED e ${position()}`);
    response.destroy();
  });

  it('answers a position that is gone with an ERROR event', async () => {
    server.workspaces.acme.oldest = 4n;
    const { response, take } = await watch('resourceVersion=1');
    server.workspaces.acme.oldest = 1n;
    expect(response.statusCode).toBe(200);
    expect(await take(2)).toMatchObject([
      { type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired', message: 'too old resource version: 1 (4)' } },
      undefined,
    ]);
  });

  it('marks the end of the initial events', async () => {
    const { response, take } = await watch('sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true');
    const [first, second, bookmark] = await take(3);
    expect([summary(first)?.slice(0, 7), summary(second)?.slice(0, 7)]).toEqual(['ADDED a', 'ADDED b']);
    expect(bookmark).toEqual({
      type: 'BOOKMARK',
      object: {
        kind: 'Widget',
        apiVersion: 'example.com/v1',
        metadata: { resourceVersion: String(position()), creationTimestamp: null, annotations: { 'k8s.io/initial-events-end': 'true' } },
      },
    });
    response.destroy();
  });

  it('begins now when initial events are declined', async () => {
    const { response, next } = await watch('sendInitialEvents=false&resourceVersionMatch=NotOlderThan');
    await until(() => watcherCount() > 0);
    await write('f');
    expect(summary(await next())).toMatch(/^ADDED f/);
    await remove('f');
    response.destroy();
  });

  it('ends in time, with a last bookmark', async () => {
    const { next } = await watch('timeoutSeconds=1&allowWatchBookmarks=true&resourceVersion=' + position());
    expect(await next()).toMatchObject({ type: 'BOOKMARK', object: { kind: 'Widget', metadata: { resourceVersion: String(position()) } } });
    expect(await next()).toBeUndefined();
  });

  it('turns a selector’s transitions into additions and deletions', async () => {
    const { response, next } = await watch('labelSelector=team%3Dx');
    await until(() => watcherCount() > 0);
    await write('g');
    await patch('g', { metadata: { labels: { team: 'x' } } });
    await patch('g', { spec: { y: 1 } });
    await patch('g', { metadata: { labels: { team: 'y' } } });
    expect([summary(await next()), summary(await next()), summary(await next())].map((line) => line?.split(' ')[0])).toEqual([
      'ADDED',
      'MODIFIED',
      'DELETED',
    ]);
    await remove('g');
    response.destroy();
  });

  it('shows tables whose columns come once, or metadata', async () => {
    const table = await watch('', { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' });
    const [first, second] = await table.take(2);
    expect(first).toMatchObject({
      object: {
        kind: 'Table',
        columnDefinitions: [{ name: 'Name' }, { name: 'Color' }, { name: 'Replicas' }, { name: 'Ready' }, { name: 'Age' }],
        rows: [{ cells: ['a', null, null, null, expect.any(String)] }],
      },
    });
    expect(second).toMatchObject({ object: { columnDefinitions: null, rows: [{ cells: ['b', null, null, null, expect.any(String)] }] } });
    table.response.destroy();
    const metadata = await watch('sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true', {
      accept: 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io',
    });
    const events = await metadata.take(3);
    expect(events[0]).toMatchObject({ object: { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: { name: 'a' } } });
    expect(events[0]?.object).not.toHaveProperty('spec');
    expect(events[2]).toMatchObject({ type: 'BOOKMARK', object: { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1' } });
    metadata.response.destroy();
  });

  it.each([
    ['allowWatchBookmarks=true', { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' }, 406],
    ['', { accept: 'application/yaml' }, 406],
    ['sendInitialEvents=true', {}, 422],
    ['resourceVersionMatch=NotOlderThan', {}, 422],
    ['resourceVersion=abc', {}, 500],
    ['labelSelector=!', {}, 400],
    ['sendInitialEvents=true&resourceVersionMatch=NotOlderThan&resourceVersion=99999999', {}, 504],
    ['timeoutSeconds=x', {}, 400],
  ])('?%s is refused', async (query, headers, code) => {
    expect((await server.send(`${widgets}?watch=1&${query}`, { headers })).code).toBe(code);
  });

  it('is also found at the old paths', async () => {
    const { response, take } = await watch('', {}, `${prefix}/apis/example.com/v1/watch/namespaces/default/widgets/b`);
    expect((await take(1)).map(summary)[0]).toMatch(/^ADDED b/);
    response.destroy();
  });

  it('ends when its kind goes', async () => {
    const { response, take } = await watch('');
    await take(2);
    await until(() => watcherCount() > 0);
    for (const { sink } of server.workspaces.acme.watchers) sink.ended();
    const [end] = await take(1);
    expect(end).toBeUndefined();
    response.destroy();
  });

  it('cuts off a reader that does not read', async () => {
    const response: IncomingMessage = await server.open(`${widgets}?watch=true`);
    response.pause();
    await until(() => watcherCount() === 1);
    const [watcher] = server.workspaces.acme.watchers;
    const big = storedObject(
      {
        apiVersion: 'example.com/v1',
        kind: 'Widget',
        metadata: { name: 'big', resourceVersion: '1' },
        spec: { text: 'x'.repeat(1024 * 1024) },
      },
      1n,
    );
    await until(() => {
      for (let count = 0; count < 4; count += 1) watcher?.sink.events([{ type: 'MODIFIED', object: big, position: 1n }]);
      return watcherCount() === 0;
    });
    const failed = once(response, 'error');
    response.resume();
    expect((await failed)[0]).toBeInstanceOf(Error);
  });
});

describe('the time of a watch', () => {
  it('leaves nothing behind once the watch is over, however many lengths there were', async () => {
    server.credentials.untilMs = Date.now() + 1_000_000;
    const lengths = (): number => queryObjects(listOfTimers, { format: 'count' });
    const before = lengths();
    for (let count = 0; count < 40; count += 1) {
      const { response } = await watch('');
      await until(() => watcherCount() === 1);
      response.destroy();
      await until(() => watcherCount() === 0);
    }
    delete server.credentials.untilMs;
    expect(lengths() - before).toBeLessThan(10);
  });
});

it('holds nothing of what was there first once that is told', async () => {
  await write('first');
  const { acme } = server.workspaces;
  const given = acme.watch.bind(acme);
  let initial: WeakRef<object> | undefined;
  const watching = vi.spyOn(acme, 'watch').mockImplementation(async (...asked) => {
    const outcome = await given(...asked);
    if (outcome.type === 'watching' && outcome.initial) initial = new WeakRef(outcome.initial);
    return outcome;
  });
  const { response, take } = await watch('');
  await take(1);
  watching.mockRestore();
  await vi.waitUntil(() => (collectGarbage(), initial?.deref() === undefined), { timeout: 20_000, interval: 50 });
  expect(watcherCount()).toBe(1);
  response.destroy();
});

describe('a frame', () => {
  const object = storedObject({ apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: 'a', resourceVersion: '1' } }, 1n);
  const view = { isYaml: false, table: undefined, metadata: undefined };

  it('is made once per version of an object, whoever watches', () => {
    expect(framerFor(view)('ADDED', object)).toBe(framerFor(view)('ADDED', object));
    expect(framerFor(view)('ADDED', object)).not.toBe(framerFor(view)('MODIFIED', object));
    const metadata = framerFor({ ...view, metadata: 'v1' })('ADDED', object);
    expect(metadata).toBe(framerFor({ ...view, metadata: 'v1' })('ADDED', object));
    expect(metadata.toString()).toContain('"PartialObjectMetadata"');
  });
});

describe('the flush queue', () => {
  it('writes once for what happened in one breath', async () => {
    const queue = new FlushQueue();
    let flushes = 0;
    const stream = { flush: () => void (flushes += 1) };
    for (let count = 0; count < 10; count += 1) queue.add(stream);
    await until(() => flushes > 0);
    expect(flushes).toBe(1);
    queue.add(stream);
    await until(() => flushes > 1);
    expect(flushes).toBe(2);
  });
});
