import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { serverCertificates } from '#access';
import { parseJson } from '#json';
import type { JsonObject, KubeObject } from '#kube';
import { testKubectl, type Kubectl } from '../servers/kubectl.ts';
import { runKubectl, type Ran } from '../servers/run-kubectl.ts';
import { startTributary, type TributaryServer } from '../servers/tributary.ts';
import { untilTrue } from '../servers/tributary-until.ts';

// A kind whose field has another name in its second version, which a consumer's own webhook converts, as kubectl uses it.

type Review = { readonly request: { readonly uid: string; readonly desiredAPIVersion: string; readonly objects: readonly KubeObject[] } };

let server: TributaryServer;
let kubectl: Kubectl;
let folder: string;
let webhook: Server;
let webhookCa: string;
/** Where the webhook listens, also when it is back. */
let port = 0;
/** What the webhook makes of a review, as text; a test may have it do otherwise. */
let answer: (review: Review) => string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'conversion-'));
  [kubectl, server] = await Promise.all([testKubectl(), startTributary({ flags: ['--no-demo', '--webhook-reach', 'any'] })]);
  const { ca, certificate: cert, key } = await serverCertificates({ dataFolder: folder, hosts: [] });
  webhookCa = ca;
  webhook = createServer({ cert, key }, (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const review = parseJson(Buffer.concat(chunks).toString()) as unknown as Review;
      response.setHeader('content-type', 'application/json').end(answer(review));
    });
  });
  await webhookUp();
});
afterAll(async () => {
  await server?.remove();
  await webhookDown();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(({ onTestFailed }) => {
  answer = faithful;
  onTestFailed(() => console.error(server.logs));
});

async function webhookUp(): Promise<void> {
  webhook.listen(port, '127.0.0.1');
  await once(webhook, 'listening');
  ({ port } = webhook.address() as AddressInfo);
}

async function webhookDown(): Promise<void> {
  if (!webhook?.listening) return;
  const closed = once(webhook, 'close');
  webhook.close();
  webhook.closeAllConnections();
  await closed;
}

type Answer = { readonly uid?: string; readonly result?: JsonObject; readonly convertedObjects?: readonly unknown[] };

const reviewed = (response: Answer): string =>
  JSON.stringify({ apiVersion: 'apiextensions.k8s.io/v1', kind: 'ConversionReview', response });
const result = { status: 'Success' };
const faithful = (review: Review): string => reviewed(converted(review));
const converted = ({ request: { uid, desiredAPIVersion, objects } }: Review) => ({
  uid,
  result,
  convertedObjects: objects.map((object) => inVersion(object, desiredAPIVersion)),
});

/** v1 says `color`, v2 `colour`. */
function inVersion(object: KubeObject, apiVersion: string): KubeObject {
  const { color, colour, ...spec } = (object.spec ?? {}) as JsonObject;
  const named = color ?? colour;
  return {
    ...object,
    apiVersion,
    spec: named === undefined ? spec : { ...spec, [apiVersion.endsWith('/v1') ? 'color' : 'colour']: named },
  };
}

/** The faithful answer, with something else about its objects. */
const withObjects = (change: (object: KubeObject) => unknown) => (review: Review) => {
  const response = converted(review);
  return reviewed({ ...response, convertedObjects: response.convertedObjects.map(change) });
};

const place = (): readonly string[] => [
  ...['--kubeconfig', server.kubeconfig, '--server', `${server.url}/clusters/root:orgs`, '--cache-dir', join(folder, 'cache')],
];

const k = (words: string, manifest?: object): Promise<Ran> =>
  runKubectl(kubectl, [...place(), ...words.split(' ')], manifest === undefined ? '' : stringify(manifest));

function definition(): object {
  const version = (name: string, field: string): object => {
    const properties = { [field]: { type: 'string' }, bytes: { type: 'integer', format: 'int64' } };
    return {
      name,
      served: true,
      storage: name === 'v1',
      schema: { openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties } } } },
      additionalPrinterColumns: [{ name: 'Shade', type: 'string', jsonPath: `.spec.${field}` }],
    };
  };
  const clientConfig = { url: `https://127.0.0.1:${port}/convert`, caBundle: Buffer.from(webhookCa).toString('base64') };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'widgets.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural: 'widgets', kind: 'Widget' },
      versions: [version('v1', 'color'), version('v2', 'colour')],
      conversion: { strategy: 'Webhook', webhook: { clientConfig, conversionReviewVersions: ['v1'] } },
    },
  };
}

const widget = (name: string, version: string, spec: object): object => ({
  apiVersion: `example.com/${version}`,
  kind: 'Widget',
  metadata: { name, namespace: 'default' },
  spec,
});
const v1 = 'widgets.v1.example.com';
const v2 = 'widgets.v2.example.com';
const specIn = async (name: string, resource: string): Promise<unknown> => {
  const { out, err } = await k(`get ${resource} ${name} -o jsonpath={.apiVersion}:{.spec}`);
  return err === '' ? out : err;
};

describe('a kind that a consumer’s webhook converts', () => {
  it('is written in one version and read in the other', async () => {
    expect(await k('apply -f -', definition())).toMatchObject({ code: 0 });
    const made = await k('apply -f -', widget('a', 'v1', { color: 'red', bytes: 9_007_199_254_740_993n }));
    expect(made).toMatchObject({ out: 'widget.example.com/a created\n' });
    expect(await specIn('a', v2)).toBe('example.com/v2:{"bytes":9007199254740993,"colour":"red"}');
    expect(await k('create -f -', widget('b', 'v2', { colour: 'blue' }))).toMatchObject({ out: 'widget.example.com/b created\n' });
    expect(await specIn('b', v1)).toBe('example.com/v1:{"color":"blue"}');
  });

  it('is applied and patched in the other version', async () => {
    const applied = await k('apply -f -', widget('a', 'v2', { colour: 'green', bytes: 9_007_199_254_740_993n }));
    expect(applied).toMatchObject({ out: 'widget.example.com/a configured\n', err: '' });
    expect(await specIn('a', v1)).toBe('example.com/v1:{"bytes":9007199254740993,"color":"green"}');
    expect(await k(`patch ${v2} a --type=merge -p {"spec":{"colour":"pink"}}`)).toMatchObject({ code: 0 });
    expect(await specIn('a', v1)).toBe('example.com/v1:{"bytes":9007199254740993,"color":"pink"}');
    expect(await k('apply --server-side -f -', widget('b', 'v2', { bytes: 7 }))).toMatchObject({ code: 0 });
    expect(await specIn('b', v1)).toBe('example.com/v1:{"bytes":7,"color":"blue"}');
    const other = await k('apply --server-side --field-manager=other -f -', widget('a', 'v1', { color: 'grey' }));
    expect(other.err).toContain('conflict with "kubectl-patch" using example.com/v2: .spec.colour');
    expect((await k('create -f -', widget('c', 'v2', { color: 'red' }))).err).toContain('unknown field "spec.color"');
  });

  it('is listed in each version', async () => {
    expect((await k(`get ${v2}`)).out).toMatch(/^NAME +SHADE\na +pink\nb +blue\n$/);
    expect((await k(`get ${v1}`)).out).toMatch(/^NAME +SHADE\na +pink\nb +blue\n$/);
    const kinds = await k(`get ${v2} -o jsonpath={.items[*].apiVersion}`);
    expect(kinds.out).toBe('example.com/v2 example.com/v2');
  });

  it('is watched in the other version, until its webhook is gone', async () => {
    const lines = 'jsonpath={.apiVersion} {.metadata.name} {.spec.colour}{"\\n"}';
    const watching = spawn(kubectl.program, [...place(), 'get', v2, '--watch', '-o', lines]);
    const ended = once(watching, 'close');
    let out = '';
    watching.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    const shows = (line: string) => untilTrue(line, () => out.includes(`${line}\n`));
    try {
      await shows('example.com/v2 b blue');
      await k('apply -f -', widget('c', 'v1', { color: 'red' }));
      await shows('example.com/v2 c red');
      await k('apply -f -', widget('d', 'v2', { colour: 'white' }));
      await shows('example.com/v2 d white');
      await k(`delete ${v1} c`);
      await untilTrue('the end is seen', () => out.split('example.com/v2 c red\n').length === 3);
      await webhookDown();
      expect(await k('apply -f -', widget('kept', 'v1', { color: 'black' }))).toMatchObject({ code: 0 });
      await ended;
      // kubectl shows the Status that ends the watch as it shows any object.
      expect(out).toMatch(/\nv1 {2}\n$/);
      expect(out).not.toContain('kept');
      expect(out).not.toContain('example.com/v1');
    } finally {
      watching.kill();
    }
  });

  it('says so while its webhook is down, loses nothing, and goes on when it is back', async () => {
    const url = `Post "https://127.0.0.1:${port}/convert`;
    const refused = 'Error from server: conversion webhook for example.com/v1, Kind=Widget failed: ';
    expect(await specIn('kept', v2)).toContain(`${refused}${url}`);
    expect(await specIn('kept', v2)).toContain('ECONNREFUSED');
    expect((await k(`get ${v2}`)).err).toContain(`${refused}${url}`);
    const late = await k('create -f -', widget('late', 'v2', { colour: 'red' }));
    expect(late.err).toContain('conversion webhook for example.com/v2, Kind=Widget failed: ');
    expect((await k(`patch ${v2} kept --type=merge -p {"spec":{"colour":"red"}}`)).err).toContain(refused);
    expect((await k(`get ${v1} -o name`)).out).toBe(['a', 'b', 'd', 'kept'].map((name) => `widget.example.com/${name}\n`).join(''));
    expect(await specIn('kept', v1)).toBe('example.com/v1:{"color":"black"}');
    expect(await k('apply -f -', widget('kept', 'v1', { color: 'brown' }))).toMatchObject({ out: 'widget.example.com/kept configured\n' });
    await webhookUp();
    expect(await specIn('kept', v2)).toBe('example.com/v2:{"colour":"brown"}');
    expect(await k('create -f -', widget('late', 'v2', { colour: 'red' }))).toMatchObject({ code: 0 });
    expect((await k(`get ${v2} -o jsonpath={.items[*].spec.colour}`)).out).toBe('pink blue white brown red');
  });

  it.each<[string, string, (review: Review) => string]>([
    ['answers no JSON', 'failed: Post "https:', () => 'garbage'],
    ['says nothing', 'failed: expected webhook response of apiextensions.k8s.io/v1, Kind=ConversionReview, got /, Kind=', () => '{}'],
    ['answers another', 'got "another"', (review) => reviewed({ ...converted(review), uid: 'another' })],
    [
      'says no',
      'failed: not today',
      ({ request: { uid } }) => reviewed({ uid, result: { status: 'Failure', message: 'not today' }, convertedObjects: [] }),
    ],
    ['loses it', 'returned 0 objects, expected 1', ({ request: { uid } }) => reviewed({ uid, result, convertedObjects: [] })],
    [
      'has a version of its own',
      'returned invalid object at index 0: invalid groupVersion (expected example.com/v2, received example.com/v3)',
      withObjects((object) => ({ ...object, apiVersion: 'example.com/v3' })),
    ],
    [
      'renames it',
      'returned invalid object: must have the same name: judged != z',
      withObjects((object) => ({ ...object, metadata: { ...object.metadata, name: 'z' } })),
    ],
    [
      'labels it wrongly',
      'returned invalid metadata: metadata.labels[size] must be a string, but is int64 in converted object',
      withObjects((object) => ({ ...object, metadata: { ...object.metadata, labels: { size: 7 } } })),
    ],
  ])('fails where its webhook %s, and not afterwards', async (_, message, other) => {
    expect(await k('apply -f -', widget('judged', 'v1', { color: 'red' }))).toMatchObject({ code: 0 });
    answer = other;
    const got = await k(`get ${v2} judged`);
    expect(got).toMatchObject({ code: 1, out: '' });
    expect(got.err).toContain('Error from server: conversion webhook for example.com/v1, Kind=Widget ');
    expect(got.err).toContain(message);
    expect((await k('create -f -', widget('never', 'v2', { colour: 'red' }))).code).toBe(1);
    answer = faithful;
    expect(await specIn('judged', v2)).toBe('example.com/v2:{"colour":"red"}');
    expect((await k(`get ${v1} never --ignore-not-found`)).out).toBe('');
    expect(await k(`delete ${v2} judged`)).toMatchObject({ code: 0 });
  });
});
