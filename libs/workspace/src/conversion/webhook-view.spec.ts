import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { serverCertificates, type ServerCertificates } from '#access';
import { openWorkspace } from '#account';
import type { JsonObject, KubeObject, ServedKind } from '#kube';
import { MemoryEventLog } from '#stream';
import { House } from '../house.ts';
import { builtinKind } from '../kinds/kind-table.ts';
import type { Author, Patch, Selector, WatchEvent, Workspace, WriteOutcome } from '../workspaces.ts';

const author: Author = { user: 'admin', groups: ['system:masters'], userAgent: 'spec/1', fieldManager: 'spec', cause: 'spec' };
const write = { author, dryRun: false, fieldValidation: 'Strict' as const, namespace: '', duplicateFields: [] };
const definitions = builtinKind('customresourcedefinitions.apiextensions.k8s.io');

type Review = { readonly request: { readonly uid: string; readonly desiredAPIVersion: string; readonly objects: readonly KubeObject[] } };

let folder: string;
let certificates: ServerCertificates;
let webhook: Server;
/** What the webhook makes of a review; a spec may have it do otherwise. */
let answer: (review: Review) => unknown;
let reviews: Review[];
let house: House;
let workspace: Workspace;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'webhook-'));
  certificates = await serverCertificates({ dataFolder: folder, hosts: [] });
  const { certificate: cert, key } = certificates;
  webhook = createServer({ cert, key }, (request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => {
      const review = JSON.parse(text) as Review;
      reviews.push(review);
      response.end(JSON.stringify(answer(review)));
    });
  });
  webhook.listen(0, '127.0.0.1');
  await once(webhook, 'listening');
});
afterAll(async () => {
  webhook.closeAllConnections();
  webhook.close();
  await rm(folder, { recursive: true, force: true });
});

/** v1 has `hostPort`, v2 has `host` and `port`. */
function converted(object: KubeObject, apiVersion: string): KubeObject {
  const spec = (object.spec ?? {}) as { readonly hostPort?: string; readonly host?: string; readonly port?: string };
  if (apiVersion.endsWith('/v1')) return { ...object, apiVersion, spec: { hostPort: `${spec.host}:${spec.port}` } };
  const [host = '', port = ''] = (spec.hostPort ?? '').split(':');
  return { ...object, apiVersion, spec: { host, port } };
}

const reviewed = (response: object): unknown => ({ apiVersion: 'apiextensions.k8s.io/v1', kind: 'ConversionReview', response });

const success = ({ request: { uid, desiredAPIVersion, objects } }: Review): unknown =>
  reviewed({ uid, result: { status: 'Success' }, convertedObjects: objects.map((object) => converted(object, desiredAPIVersion)) });

const withMetadata =
  (metadata: JsonObject) =>
  ({ request: { uid, objects, desiredAPIVersion } }: Review): unknown =>
    reviewed({
      uid,
      result: { status: 'Success' },
      convertedObjects: objects.map((object) => ({
        ...object,
        apiVersion: desiredAPIVersion,
        metadata: { ...object.metadata, ...metadata },
      })),
    });

beforeEach(async () => {
  answer = success;
  reviews = [];
  await open('any');
});
afterEach(() => house.close());

async function open(webhookReach: 'any' | 'public', reviewVersions: readonly string[] = ['v1']): Promise<void> {
  house = new House({ log: new MemoryEventLog(), soleWriter: true, publicUrl: 'https://mesh.test', offers: async () => [], webhookReach });
  const root = await house.accounts.account('root');
  const by = { user: 'spec', userAgent: 'spec', fieldManager: 'spec', at: '2026-01-02T03:04:05.678Z', cause: 'spec' };
  await root.submit((state) => openWorkspace({ cluster: 'root', path: 'root', owner: null, furniture: [], by }, state));
  const opened = await house.open('root');
  if (!opened) throw new Error('root is open');
  workspace = opened;
  objectOf(await workspace.create({ ...write, kind: definitions, version: 'v1', body: definition(reviewVersions) }));
}

function definition(conversionReviewVersions: readonly string[]): KubeObject {
  const version = (name: string, ...fields: readonly string[]): JsonObject => ({
    name,
    served: true,
    storage: name === 'v1',
    schema: {
      openAPIV3Schema: {
        type: 'object',
        properties: { spec: { type: 'object', properties: Object.fromEntries(fields.map((field) => [field, { type: 'string' }])) } },
      },
    },
  });
  const url = `https://127.0.0.1:${(webhook.address() as AddressInfo).port}/convert`;
  const clientConfig = { url, caBundle: Buffer.from(certificates.ca).toString('base64') };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'routes.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Cluster',
      names: { plural: 'routes', kind: 'Route' },
      versions: [version('v1', 'hostPort'), version('v2', 'host', 'port')],
      conversion: { strategy: 'Webhook', webhook: { clientConfig, conversionReviewVersions } },
    },
  };
}

const routes = (): ServedKind => {
  const kind = workspace.served().find(({ resource }) => resource === 'routes');
  if (!kind) throw new Error('routes are not served');
  return kind;
};

const declare = (name: string, version: string, spec: JsonObject): Promise<WriteOutcome> =>
  workspace.create({
    ...write,
    kind: routes(),
    version,
    body: { apiVersion: `example.com/${version}`, kind: 'Route', metadata: { name }, spec },
  });

const patch = (name: string, version: string, patched: Patch): Promise<WriteOutcome> =>
  workspace.patch({ ...write, kind: routes(), version, name, patch: patched });

const get = async (name: string, version: string): Promise<KubeObject | undefined> =>
  (await workspace.get({ kind: routes(), version, namespace: '', name }))?.object;

const at = (name: string) => ({ kind: routes(), version: 'v2', namespace: '', name, author, dryRun: false });

function textOfEvent({ type, object: { name, object } }: WatchEvent): string {
  const { host = '', port = '' } = object.spec as { readonly host?: string; readonly port?: string };
  return `${type} ${name} ${host}:${port}`;
}

function objectOf(outcome: WriteOutcome): KubeObject {
  if (outcome.type === 'refused') throw new Error(JSON.stringify(outcome.refusal));
  return outcome.object.object;
}

describe('a kind that a webhook converts', () => {
  it('is written and read in each version, and asked about once', async () => {
    const made = objectOf(await declare('a', 'v2', { host: 'h', port: '1' }));
    expect(made).toMatchObject({ apiVersion: 'example.com/v2', spec: { host: 'h', port: '1' } });
    expect(await get('a', 'v1')).toMatchObject({ apiVersion: 'example.com/v1', spec: { hostPort: 'h:1' } });
    expect(await get('a', 'v2')).toMatchObject({ spec: { host: 'h', port: '1' } });
    const asked = reviews.length;
    await get('a', 'v2');
    expect(reviews).toHaveLength(asked);
  });

  it('is patched and applied in the other version, and keeps who owns what in each', async () => {
    await declare('a', 'v1', { hostPort: 'h:1' });
    const merged = await patch('a', 'v2', { type: 'merge', patch: { spec: { port: '2' } }, duplicateFields: [] });
    expect(objectOf(merged).spec).toEqual({ host: 'h', port: '2' });
    const config: KubeObject = { apiVersion: 'example.com/v2', kind: 'Route', metadata: { name: 'a' }, spec: { host: 'k' } };
    expect(objectOf(await patch('a', 'v2', { type: 'apply', config, force: true })).spec).toEqual({ host: 'k', port: '2' });
    const kept = await get('a', 'v1');
    expect(kept?.spec).toEqual({ hostPort: 'k:2' });
    const owners = kept?.metadata.managedFields?.map(({ operation, apiVersion }) => `${String(operation)} ${String(apiVersion)}`);
    expect(owners).toContain('Apply example.com/v2');
  });

  it('is listed with one review for all, and watched in order', async () => {
    for (const name of ['a', 'b', 'c']) await declare(name, 'v1', { hostPort: `${name}:1` });
    const listed = await workspace.list({ kind: routes(), version: 'v2', namespace: '' });
    expect(listed.type === 'listed' && listed.items.map(({ object }) => object.spec)).toEqual(
      ['a', 'b', 'c'].map((host) => ({ host, port: '1' })),
    );
    expect(reviews).toHaveLength(1);
    const seen: WatchEvent[] = [];
    const request = { kind: routes(), version: 'v2', namespace: '', after: workspace.position() };
    const watching = await workspace.watch(request, { events: (batch) => seen.push(...batch), ended: () => undefined });
    await declare('d', 'v1', { hostPort: 'd:1' });
    await declare('e', 'v2', { host: 'e', port: '1' });
    await vi.waitUntil(() => seen.length === 2);
    expect(seen.map(({ type, object }) => [type, object.object.spec])).toEqual([
      ['ADDED', { host: 'd', port: '1' }],
      ['ADDED', { host: 'e', port: '1' }],
    ]);
    expect(watching.type === 'watching' && watching.progress()).toBe(workspace.position());
  });

  it('is deleted in the other version', async () => {
    await declare('a', 'v1', { hostPort: 'h:1' });
    await patch('a', 'v1', { type: 'merge', patch: { metadata: { finalizers: ['example.com/holds'] } }, duplicateFields: [] });
    expect(await workspace.delete({ ...at('a'), propagation: 'Background' })).toMatchObject({
      type: 'terminating',
      object: { object: { spec: { host: 'h', port: '1' } } },
    });
    const released = await patch('a', 'v2', { type: 'merge', patch: { metadata: { finalizers: null } }, duplicateFields: [] });
    expect(objectOf(released).spec).toEqual({ host: 'h', port: '1' });
    expect(await get('a', 'v2')).toBeUndefined();
  });

  it.each<[string, (review: Review) => unknown, string]>([
    ['says nothing', () => ({}), 'failed: expected webhook response of apiextensions.k8s.io/v1, Kind=ConversionReview, got /, Kind='],
    ['has no response', () => ({ apiVersion: 'apiextensions.k8s.io/v1', kind: 'ConversionReview' }), 'failed: no response provided'],
    ['says no', ({ request: { uid } }) => reviewed({ uid, result: { status: 'Failure', message: 'not today' } }), 'failed: not today'],
    ['says neither', ({ request: { uid } }) => reviewed({ uid }), "failed: response.result.status was '', not 'Success'"],
    ['answers another', () => reviewed({ uid: 'x', result: { status: 'Success' } }), 'failed: expected response.uid='],
    [
      'loses some',
      ({ request: { uid } }) => reviewed({ uid, result: { status: 'Success' }, convertedObjects: [] }),
      'returned 0 objects, expected 1',
    ],
    [
      'answers no object',
      ({ request: { uid } }) => reviewed({ uid, result: { status: 'Success' }, convertedObjects: [7] }),
      'returned invalid object at index 0: invalid groupVersion (expected example.com/v2, received )',
    ],
    ['renames one', withMetadata({ name: 'z' }), 'returned invalid object: must have the same name: a != z'],
    ['makes another of it', withMetadata({ uid: 'x' }), 'returned invalid object: must have the same UID: '],
    [
      'labels with numbers',
      withMetadata({ labels: { size: 7 } }),
      'returned invalid metadata: metadata.labels[size] must be a string, but is int64 in converted object',
    ],
    [
      'annotates with a list',
      withMetadata({ annotations: [] }),
      'returned invalid metadata: invalid metadata.annotations of type []interface {} in converted object',
    ],
    [
      'labels with what is no label',
      withMetadata({ labels: { size: 'a b' } }),
      'returned invalid metadata: metadata.labels: Invalid value: "a b": a valid label must be',
    ],
  ])('fails where its webhook %s', async (_, other, message) => {
    await declare('a', 'v1', { hostPort: 'h:1' });
    answer = other;
    await expect(get('a', 'v2')).rejects.toThrow(message);
    await expect(get('a', 'v2')).rejects.toThrow('conversion webhook for example.com/v1, Kind=Route');
    expect((await get('a', 'v1'))?.spec).toEqual({ hostPort: 'h:1' });
  });

  it('takes answers of v1beta1 without kind and uid', async () => {
    await house.close();
    await open('any', ['v1beta1']);
    answer = ({ request: { desiredAPIVersion, objects } }) => ({
      response: { result: { status: 'Success' }, convertedObjects: objects.map((object) => converted(object, desiredAPIVersion)) },
    });
    await declare('a', 'v1', { hostPort: 'h:1' });
    expect((await get('a', 'v2'))?.spec).toEqual({ host: 'h', port: '1' });
  });

  it('says which of several is wrong', async () => {
    for (const name of ['a', 'b']) await declare(name, 'v1', { hostPort: `${name}:1` });
    answer = withMetadata({ name: 'a' });
    await expect(workspace.list({ kind: routes(), version: 'v2', namespace: '' })).rejects.toThrow(
      'conversion webhook for example.com/v1, Kind=Route returned invalid converted object at index 1: must have the same name: b != a',
    );
  });

  it('is selected in the version that is asked for, with what comes into sight and goes out of it', async () => {
    const ofHost =
      (host: string): Selector =>
      ({ object }) =>
        (object.spec as { readonly host?: string }).host === host;
    await declare('a', 'v1', { hostPort: 'h:1' });
    await declare('b', 'v1', { hostPort: 'k:1' });
    const after = workspace.position();
    const request = { kind: routes(), version: 'v2', namespace: '', selector: ofHost('h') };
    const listed = await workspace.list(request);
    expect(listed.type === 'listed' && listed.items.map(({ name }) => name)).toEqual(['a']);
    const seen: WatchEvent[] = [];
    const watching = await workspace.watch(request, { events: (batch) => seen.push(...batch), ended: () => undefined });
    expect(watching.type === 'watching' && watching.initial?.map(({ object }) => object.spec)).toEqual([{ host: 'h', port: '1' }]);
    const merge = (spec: JsonObject): Patch => ({ type: 'merge', patch: { spec }, duplicateFields: [] });
    await patch('a', 'v1', merge({ hostPort: 'h:2' }));
    await patch('b', 'v1', merge({ hostPort: 'h:7' }));
    await patch('a', 'v2', merge({ host: 'z' }));
    await patch('a', 'v1', merge({ hostPort: 'y:1' }));
    await workspace.delete({ ...at('b'), propagation: 'Background' });
    const told = ['MODIFIED a h:2', 'ADDED b h:7', 'DELETED a h:2', 'DELETED b h:7'];
    await vi.waitUntil(() => seen.length >= told.length, { timeout: 20_000 });
    expect(seen.map(textOfEvent)).toEqual(told);
    const again: WatchEvent[] = [];
    await workspace.watch({ ...request, after }, { events: (batch) => again.push(...batch), ended: () => undefined });
    await vi.waitUntil(() => again.length >= told.length, { timeout: 20_000 });
    expect(again.map(textOfEvent)).toEqual(told);
    for (const { object, position } of [...seen, ...again]) expect(object.object.metadata.resourceVersion).toBe(String(position));
  });

  it('ends its watches where its webhook fails, and says why', async () => {
    const ended = vi.fn<(failure?: unknown) => void>();
    const request = { kind: routes(), version: 'v2', namespace: '', after: workspace.position() };
    await workspace.watch(request, { events: () => undefined, ended });
    answer = ({ request: { uid } }) => reviewed({ uid, result: { status: 'Failure', message: 'not today' } });
    await declare('a', 'v1', { hostPort: 'h:1' });
    await vi.waitUntil(() => ended.mock.calls.length > 0, { timeout: 20_000 });
    expect(ended.mock.calls).toEqual([
      [expect.objectContaining({ message: 'conversion webhook for example.com/v1, Kind=Route failed: not today' })],
    ]);
  });

  it('does not reach into the network around the server, unless that is allowed', async () => {
    await house.close();
    await open('public');
    await declare('a', 'v1', { hostPort: 'h:1' });
    await expect(get('a', 'v2')).rejects.toThrow('127.0.0.1 is not a public address');
    expect(reviews).toEqual([]);
  });
});
