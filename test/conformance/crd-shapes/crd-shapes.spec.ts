import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseJson } from '#json';
import { startWidgetServer } from '../golden/widget-server.ts';
import { crdShapes, readShape, type Json } from './shapes.ts';

let server: Awaited<ReturnType<typeof startWidgetServer>>;
beforeAll(async () => {
  server = await startWidgetServer();
});
afterAll(() => server.stop());

/** What Kubernetes' own code makes of the shapes and of the changes; written by main.go. */
type Answer = { readonly instance: Json; readonly refused: readonly (readonly string[])[] };
const vectors = (file: string): unknown => parseJson(readFileSync(new URL(file, import.meta.url), 'utf8'));
const answers = vectors('answers.json') as Readonly<Record<string, Answer>>;
const changes = vectors('changes.json') as Readonly<Record<string, readonly Json[]>>;

const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

async function send(method: string, path: string, type?: string, body?: Json): Promise<{ readonly code: number; readonly json: Json }> {
  const headers: Record<string, string> = type === undefined ? {} : { 'content-type': type };
  const response = await server.ask(method, path, headers, body && JSON.stringify(body));
  return { code: response.status, json: parseJson(await response.text()) as Json };
}

/** Where the objects of a shape stand, in the version that its instance is written in. */
function collectionOf({ definition, instance }: ReturnType<typeof readShape>): string {
  const { names, scope } = definition['spec'] as { readonly names: { readonly plural: string }; readonly scope: string };
  return `/apis/${String(instance['apiVersion'])}/${scope === 'Namespaced' ? 'namespaces/default/' : ''}${names.plural}`;
}

describe.each(Object.keys(crdShapes))('a definition like that of %s', (name) => {
  const shape = readShape(name);
  const { definition, instance } = shape;
  const answer = answers[name] ?? { instance: {}, refused: [] };
  const collection = collectionOf(shape);
  const { name: instanceName } = instance['metadata'] as { readonly name: string };
  const changed = (change: Json, as: string): Json => merged({ ...instance, metadata: { name: as } }, change);

  it('is established without a warning', async () => {
    const response = await server.ask('POST', definitions, { 'content-type': 'application/json' }, JSON.stringify(definition));
    const { status, message } = parseJson(await response.text()) as { readonly status?: Json; readonly message?: string };
    expect({ code: response.status, message, warning: response.headers.get('warning') }).toEqual({
      code: 201,
      message: undefined,
      warning: null,
    });
    expect(status?.['conditions']).toContainEqual(expect.objectContaining({ type: 'Established', status: 'True' }));
    expect(status?.['conditions']).not.toContainEqual(expect.objectContaining({ type: 'NonStructuralSchema', status: 'True' }));
  });

  it('takes an object whole, with its defaults', async () => {
    const { code, json } = await send('POST', `${collection}?fieldValidation=Strict`, 'application/json', instance);
    expect([code, json['message']]).toEqual([201, undefined]);
    expect(contentOf(json)).toEqual(contentOf(answer.instance));
  });

  it('has it applied too, which changes nothing', async () => {
    const path = `${collection}/${instanceName}`;
    const before = await send('GET', path);
    const { code, json } = await send('PATCH', `${path}?fieldManager=applier&force=true`, 'application/apply-patch+yaml', instance);
    expect([code, json['message'], json['spec']]).toEqual([200, undefined, before.json['spec']]);
    const anew = await send('PATCH', `${collection}/anew?fieldManager=applier`, 'application/apply-patch+yaml', changed({}, 'anew'));
    expect([anew.code, anew.json['message'], anew.json['spec']]).toEqual([201, undefined, before.json['spec']]);
  });

  it('prunes what it does not know, and says so where it is asked to', async () => {
    const odd = changed({ spec: { ofNobody: 1 } }, 'odd');
    const strict = await send('POST', `${collection}?fieldValidation=Strict`, 'application/json', odd);
    expect(strict).toMatchObject({ code: 400, json: { message: expect.stringContaining('unknown field "spec.ofNobody"') as string } });
    const ignored = await send('POST', `${collection}?fieldValidation=Ignore`, 'application/json', odd);
    expect([ignored.code, ignored.json['message']]).toEqual([201, undefined]);
    expect(ignored.json['spec']).not.toHaveProperty('ofNobody');
  });

  it.each((changes[name] ?? []).map((change, index) => [change, answer.refused[index]] as const))(
    'refuses %j',
    async (change, messages) => {
      const { code, json } = await send('POST', collection, 'application/json', changed(change, 'wrong'));
      const { causes = [] } = (json['details'] ?? {}) as {
        readonly causes?: readonly { readonly field: string; readonly message: string }[];
      };
      expect([code, ...causes.map(({ field, message }) => `${field}: ${message}`).sort()]).toEqual([422, ...(messages ?? [])]);
    },
  );
});

it('the changes that a shape refuses only later are refused then', async () => {
  const path = `${collectionOf(readShape('cluster'))}/prod`;
  const to = (version: string) => send('PATCH', path, 'application/merge-patch+json', { spec: { topology: { version } } });
  expect((await to('v1.34.0')).code).toBe(200);
  expect((await to('v1.33.0')).json['message']).toContain('there is no way back to v1.33.0');
  const composition = `${collectionOf(readShape('composition'))}/buckets`;
  const other = await send('PATCH', composition, 'application/merge-patch+json', { spec: { compositeTypeRef: { kind: 'Other' } } });
  expect(other).toMatchObject({ code: 422, json: { message: expect.stringContaining('Value is immutable') as string } });
});

/** What an object says beside its metadata. */
const contentOf = ({ metadata: _, ...content }: Json): Json => content;

/** Objects by field, lists whole. */
function merged(value: Json, change: Json): Json {
  const result: Record<string, unknown> = { ...value };
  for (const [field, given] of Object.entries(change)) {
    const known = result[field];
    if (given === null) delete result[field];
    else result[field] = isObject(given) && isObject(known) ? merged(known, given) : given;
  }
  return result;
}

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);
