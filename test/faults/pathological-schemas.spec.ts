import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startGoldenServer } from '../conformance/golden/golden-server.ts';

// Schemas that are made to exhaust whoever reads them: they are refused, or taken, within a bound of computing time.

vi.setConfig({ testTimeout: 60_000 });
const cpuMsMax = 3_000;

let server: Awaited<ReturnType<typeof startGoldenServer>>;
beforeAll(async () => {
  server = await startGoldenServer();
});
afterAll(() => server.stop());

/** Wraps what is innermost so many times. */
function wrapped(times: number, innermost: string, [before, after]: readonly [string, string]): string {
  return `${before.repeat(times)}${innermost}${after.repeat(times)}`;
}

function doubled(times: number): object {
  let schema: object = { pattern: '^a+$' };
  for (let time = 0; time < times; time += 1) schema = { allOf: [schema, schema] };
  return { type: 'string', ...schema };
}

const pattern = (text: string): string => JSON.stringify({ type: 'string', pattern: text });
const rule = (text: string): string => JSON.stringify({ type: 'object', 'x-kubernetes-validations': [{ rule: text }] });
const inObject = ['{"type":"object","properties":{"a":', '}}'] as const;

/** What stands under `spec`, as JSON, and what is said of it. */
const schemas: readonly (readonly [title: string, schema: string, code: number, said: RegExp])[] = [
  ['a hundred levels', wrapped(100, '{"type":"string"}', inObject), 422, /Forbidden: must not be nested deeper than 200 levels/],
  ['twenty thousand levels', wrapped(20_000, '{"type":"string"}', inObject), 400, /json parse error: exceeded max depth of 256/],
  ['lists in lists', wrapped(5_000, '{"type":"string"}', ['{"type":"array","items":', '}']), 400, /exceeded max depth/],
  ['branches that double', JSON.stringify(doubled(15)), 422, /Forbidden: must not have more than 100000 values/],
  [
    'a long enumeration',
    JSON.stringify({ type: 'integer', enum: Array.from({ length: 100_000 }, (_, index) => index) }),
    422,
    /100000 values/,
  ],
  ['repeats of repeats', pattern('(a{1,1000}){1,1000}'), 422, /must be a valid regular expression, but isn't: error parsing regexp/],
  ['parentheses', pattern(wrapped(5_000, 'a', ['(', ')'])), 422, /error parsing regexp: expression nests too deeply/],
  ['a back reference', pattern('(a)\\1'), 422, /error parsing regexp: invalid escape sequence: `\\\\1`/],
  ['a look ahead', pattern('(?=a)'), 422, /error parsing regexp: invalid or unsupported Perl syntax: `\(\?=`/],
  [
    'a pattern without end',
    pattern('(x|y)*'.repeat(100_000)),
    422,
    /Forbidden: must not have patterns of more than 100000 characters together/,
  ],
  ['a rule of parentheses', rule(wrapped(2_000, 'true', ['(', ')'])), 422, /x-kubernetes-validations\[0\]\.rule: Invalid value/],
  [
    'a rule without end',
    rule(Array.from({ length: 20_000 }, () => 'true').join(' && ')),
    422,
    /x-kubernetes-validations\[0\]\.rule: Invalid value/,
  ],
  [
    'a rule that costs too much',
    JSON.stringify({
      type: 'object',
      properties: { a: { type: 'array', items: { type: 'string' } } },
      'x-kubernetes-validations': [{ rule: 'self.a.all(x, self.a.all(y, x == y))' }],
    }),
    422,
    /Forbidden: estimated rule cost exceeds budget by factor of more than 100x/,
  ],
];

const names = { plural: 'gadgets', singular: 'gadget', kind: 'Gadget', listKind: 'GadgetList' };
const definition = (schema: object) => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'gadgets.demo.test' },
  spec: {
    group: 'demo.test',
    names,
    scope: 'Namespaced',
    versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema } }],
  },
});
const resourceSchema = (schema: object) => ({
  apiVersion: 'apis.kcp.io/v1alpha1',
  kind: 'APIResourceSchema',
  metadata: { name: 'v1.gadgets.demo.test' },
  spec: { group: 'demo.test', names, scope: 'Namespaced', versions: [{ name: 'v1', served: true, storage: true, schema }] },
});

describe.each([
  ['a CustomResourceDefinition', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', definition],
  ['an APIResourceSchema', '/apis/apis.kcp.io/v1alpha1/apiresourceschemas', resourceSchema],
] as const)('%s', (_, path, make) => {
  it.each(schemas)('with %s is refused soon, in upstream’s words', async (__, schema, code, said) => {
    // Put in as text: what is nested too deeply cannot be written by JSON.stringify.
    const body = JSON.stringify(make({ type: 'object', properties: { spec: 'HERE' } })).replace('"HERE"', () => schema);
    const before = process.cpuUsage();
    const answer = await server.send('POST', path, { 'content-type': 'application/json' }, body);
    const { user, system } = process.cpuUsage(before);
    expect(answer.code).toBe(code);
    expect(answer.text).toMatch(said);
    expect((user + system) / 1_000).toBeLessThan(cpuMsMax);
  });
});
