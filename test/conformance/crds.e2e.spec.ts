import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { testKubectl, type Kubectl } from '../servers/kubectl.ts';
import { runKubectl, type Ran } from '../servers/run-kubectl.ts';
import { startTributary, type TributaryServer } from '../servers/tributary.ts';
import { until } from '../servers/tributary-until.ts';

// Kinds that a consumer defines, from the definition to its end, as kubectl uses them.

let server: TributaryServer;
let kubectl: Kubectl;
let folder: string;

beforeAll(async () => {
  [kubectl, server, folder] = await Promise.all([testKubectl(), startTributary(), mkdtemp(join(tmpdir(), 'crds-'))]);
});
afterAll(async () => {
  await server?.remove();
  await rm(folder, { recursive: true, force: true });
});

const place = (): readonly string[] => [
  ...['--kubeconfig', server.kubeconfig, '--server', `${server.url}/clusters/root:orgs`, '--cache-dir', join(folder, 'cache')],
];

const k = (words: string, manifest?: object): Promise<Ran> =>
  runKubectl(kubectl, [...place(), ...words.split(' ')], manifest === undefined ? '' : stringify(manifest));

type Json = { readonly [field: string]: unknown };

const spec: Json = {
  type: 'object',
  properties: {
    color: { type: 'string', enum: ['red', 'green', 'blue'], default: 'red', description: 'What it looks like' },
    replicas: { type: 'integer', minimum: 0, default: 1 },
    bytes: { type: 'integer', format: 'int64' },
  },
  'x-kubernetes-validations': [{ rule: 'self.replicas <= 10', message: 'too many' }],
};
const status: Json = {
  type: 'object',
  properties: { ready: { type: 'boolean' }, replicas: { type: 'integer' }, selector: { type: 'string' } },
};
const version = (name: string, more: Json = {}): Json => ({
  name,
  served: true,
  storage: name === 'v1',
  schema: { openAPIV3Schema: { type: 'object', properties: { spec, status } } },
  subresources: {
    status: {},
    scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas', labelSelectorPath: '.status.selector' },
  },
  additionalPrinterColumns: [{ name: 'Color', type: 'string', jsonPath: '.spec.color' }],
  selectableFields: [{ jsonPath: '.spec.color' }],
  ...more,
});
const definition = (...versions: readonly Json[]): Json => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.example.com' },
  spec: { group: 'example.com', scope: 'Namespaced', names: { plural: 'widgets', kind: 'Widget', shortNames: ['wd'] }, versions },
});
const widget = (name: string, fields: Json = {}, more: Json = {}): Json => ({
  apiVersion: 'example.com/v1',
  kind: 'Widget',
  metadata: { name, namespace: 'default', ...more },
  spec: fields,
});

describe('a kind of a consumer’s own', () => {
  it('is there as soon as it is defined', async () => {
    expect(await k('apply -f -', definition(version('v1')))).toMatchObject({
      out: 'customresourcedefinition.apiextensions.k8s.io/widgets.example.com created\n',
    });
    expect(await k('wait --for=condition=established crd/widgets.example.com --timeout=1s')).toMatchObject({ code: 0 });
    expect((await k('api-resources --api-group=example.com')).out).toMatch(/widgets +wd +example.com\/v1 +true +Widget/);
    expect((await k('get crd widgets.example.com')).out).toMatch(/^NAME +CREATED AT\nwidgets.example.com +\d{4}-/);
  });

  it('has objects, which are defaulted, printed, selected, explained and judged', async () => {
    expect(await k('create -f -', widget('a'))).toMatchObject({ out: 'widget.example.com/a created\n' });
    expect(await k('apply --server-side -f -', widget('b', { color: 'blue' }))).toMatchObject({ code: 0 });
    expect((await k('get wd')).out).toMatch(/^NAME +COLOR\na +red\nb +blue\n$/);
    expect((await k('get wd --field-selector spec.color=blue -o name')).out).toBe('widget.example.com/b\n');
    expect((await k('explain widgets.spec.color')).out).toContain('What it looks like');
    const pink = await k('create -f -', widget('c', { color: 'pink', replicas: 1 }));
    expect(pink.err).toContain('spec.color: Unsupported value: "pink": supported values: "red", "green", "blue"');
    expect((await k('create -f -', widget('c', { replicas: 11 }))).err).toContain('spec: Invalid value: "object": too many');
    expect((await k('create -f -', widget('c', { shape: 'round' }))).err).toContain('unknown field "spec.shape"');
    expect(await k('patch wd a --type=merge --subresource=status -p {"status":{"ready":true}}')).toMatchObject({ code: 0 });
    expect((await k('get wd a -o jsonpath={.status.ready}')).out).toBe('true');
  });

  it('keeps numbers of 64 bits, whichever way they are written', async () => {
    const bytes = (): Promise<Ran> => k('get wd big -o jsonpath={.spec.bytes}');
    const big = (value: bigint) => widget('big', { color: 'green', bytes: value });
    expect(await k('apply -f -', big(9_007_199_254_740_993n))).toMatchObject({ out: 'widget.example.com/big created\n' });
    expect((await bytes()).out).toBe('9007199254740993');
    expect(await k('apply -f -', big(9_007_199_254_740_993n))).toMatchObject({ out: 'widget.example.com/big unchanged\n' });
    expect(await k('apply -f -', big(9_007_199_254_740_992n))).toMatchObject({ out: 'widget.example.com/big configured\n' });
    expect(await k('patch wd big --type=merge -p {"spec":{"bytes":-9223372036854775808}}')).toMatchObject({ code: 0 });
    expect((await bytes()).out).toBe('-9223372036854775808');
    expect(await k('apply --server-side --force-conflicts -f -', big(9_223_372_036_854_775_807n))).toMatchObject({ code: 0 });
    expect((await bytes()).out).toBe('9223372036854775807');
    expect(await k('delete wd big')).toMatchObject({ code: 0 });
  });

  it('is scaled', async () => {
    expect(await k('scale wd/a --replicas=3 --current-replicas=1')).toMatchObject({ out: 'widget.example.com/a scaled\n' });
    expect((await k('get wd a -o jsonpath={.spec.replicas},{.metadata.generation}')).out).toBe('3,2');
    expect((await k('get wd a --subresource=scale')).out).toMatch(/^NAME +DESIRED +AVAILABLE +AGE\na +3 +0 +\d+s\n$/);
    expect((await k('scale wd/a --replicas=-1')).err).not.toBe('');
    expect((await k('scale wd/a --replicas=11')).err).toContain('too many');
  });

  it('gets another version, in which every object can be had', async () => {
    const both = definition(version('v1', { deprecated: true }), version('v2', { additionalPrinterColumns: [] }));
    expect(await k('apply -f -', both)).toMatchObject({ code: 0 });
    expect((await k('get widgets.v2.example.com a -o jsonpath={.apiVersion}')).out).toBe('example.com/v2');
    const old = await k('get widgets.v1.example.com a -o jsonpath={.apiVersion}');
    expect([old.out, old.err]).toEqual(['example.com/v1', 'Warning: example.com/v1 Widget is deprecated\n']);
    expect((await k('api-resources --api-group=example.com')).out).toContain('example.com/v2');
  });

  it('is back after a restart', async () => {
    await server.stop();
    await server.start();
    expect((await k('get wd -o name')).out).toBe('widget.example.com/a\nwidget.example.com/b\n');
  });

  it('goes with its definition, and so do its objects and those who watch them', async () => {
    await k('apply -f -', widget('held', {}, { finalizers: ['example.com/holds'] }));
    const watching = spawn(kubectl.program, [...place(), ...'get wd --watch -o name'.split(' ')]);
    const ended = once(watching, 'exit');
    await once(watching.stdout, 'data');
    expect(await k('delete crd widgets.example.com --wait=false')).toMatchObject({ code: 0 });
    const late = await until('creates are refused', async () => {
      const { err } = await k('create -f -', widget('late'));
      return err === '' ? undefined : err;
    });
    expect(late).toContain('widgets.example.com "late" is forbidden: create not allowed while custom resource definition is terminating');
    await k('patch wd held --type=merge -p {"metadata":{"finalizers":null}}');
    expect(await k('wait --for=delete crd/widgets.example.com --timeout=10s')).toMatchObject({ code: 0 });
    await ended;
    expect((await k('api-resources --cached=false')).out).not.toContain('example.com');
  });
});
