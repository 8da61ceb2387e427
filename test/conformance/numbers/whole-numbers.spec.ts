import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startNumberServer } from './number-server.ts';

// What is sent and what is read back, as texts: a client that parses JSON as JavaScript does would not see what is lost.

const [big, least, most, odd] = ['9007199254740993', '-9223372036854775808', '9223372036854775807', '-9007199254740995'];

const definition = `{
  "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": { "name": "numbers.example.com" },
  "spec": {
    "group": "example.com", "scope": "Namespaced", "names": { "plural": "numbers", "kind": "Number" },
    "versions": [{
      "name": "v1", "served": true, "storage": true,
      "subresources": { "status": {}, "scale": { "specReplicasPath": ".spec.n", "statusReplicasPath": ".status.n" } },
      "additionalPrinterColumns": [
        { "name": "N", "type": "integer", "jsonPath": ".spec.n" }, { "name": "T", "type": "string", "jsonPath": ".spec.n" },
        { "name": "Found", "type": "integer", "jsonPath": ".spec.keyed[?(@.id==${big})].id" }
      ],
      "selectableFields": [{ "jsonPath": ".spec.n" }],
      "schema": { "openAPIV3Schema": { "type": "object", "properties": {
        "spec": {
          "type": "object",
          "properties": {
            "n": { "type": "integer", "format": "int64", "maximum": ${most.slice(0, -3)}000 },
            "byDefault": { "type": "integer", "default": ${odd} },
            "set": { "type": "array", "x-kubernetes-list-type": "set", "items": { "type": "integer" } },
            "keyed": {
              "type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["id"],
              "items": { "type": "object", "required": ["id"], "properties": { "id": { "type": "integer" }, "v": { "type": "integer" } } }
            },
            "any": { "x-kubernetes-preserve-unknown-fields": true },
            "choice": { "type": "integer", "enum": [1, ${big}] }
          },
          "x-kubernetes-validations": [{ "rule": "!has(self.n) || self.n != 9007199254740995", "message": "none of these" }]
        },
        "status": { "type": "object", "x-kubernetes-preserve-unknown-fields": true }
      } } }
    }]
  }
}`;

const all = '/apis/example.com/v1/namespaces/default/numbers';
const named = (name: string, spec: string, more = ''): string =>
  `{"apiVersion":"example.com/v1","kind":"Number","metadata":{"name":"${name}"${more}},"spec":${spec}}`;

const json = { 'content-type': 'application/json' };

let server: Awaited<ReturnType<typeof startNumberServer>>;

beforeAll(async () => {
  server = await startNumberServer();
  await server.expect('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', 'application/json', definition);
});
afterAll(() => server.stop());

type Row = { readonly what: string; readonly name: string; readonly send: Send; readonly spec: string };
type Send = readonly [method: string, path: string, contentType: string, body: string];

const apply = (manager: string, spec: string): Send => [
  'PATCH',
  `/applied?fieldManager=${manager}`,
  'application/apply-patch+yaml',
  named('applied', spec),
];
const read = (name: string): Promise<string> => server.expect('GET', `${all}/${name}`);
const positionIn = (text: string): string => /"resourceVersion":"(\d+)"/.exec(text)?.[1] ?? '';

function specIn(text: string): string {
  const status = text.indexOf(',"status":');
  return text.slice(text.indexOf('"spec":') + '"spec":'.length, status < 0 ? text.lastIndexOf('}') : status);
}

/** Upstream writes fields in order of their names, we as they came. */
const sorted = (spec: string): string =>
  /^\{(.*)\}$/
    .exec(spec)?.[1]
    ?.split(/,(?="(?:any|byDefault|n|set|keyed)":)/)
    .sort()
    .join() ?? '';

describe('a whole number beyond 2^53', () => {
  it.each<Row>([
    {
      what: 'created as JSON',
      name: 'sent',
      send: ['POST', '', 'application/json', named('sent', `{"n":${big}}`)],
      spec: `{"n":${big},"byDefault":${odd}}`,
    },
    {
      what: 'updated',
      name: 'sent',
      send: ['PUT', '/sent', 'application/json', named('sent', `{"n":${least},"any":[${most},{"deep":[[${odd}]]}]}`)],
      spec: `{"n":${least},"any":[${most},{"deep":[[${odd}]]}],"byDefault":${odd}}`,
    },
    {
      what: 'merged',
      name: 'sent',
      send: ['PATCH', '/sent', 'application/merge-patch+json', `{"spec":{"any":{"a":${big}},"n":null}}`],
      spec: `{"any":{"a":${big}},"byDefault":${odd}}`,
    },
    {
      what: 'patched',
      name: 'sent',
      send: [
        'PATCH',
        '/sent',
        'application/json-patch+json',
        `[{"op":"test","path":"/spec/any/a","value":${big}},{"op":"add","path":"/spec/any/b","value":{"x":${least}}},
          {"op":"copy","from":"/spec/any/b","path":"/spec/any/c"},{"op":"replace","path":"/spec/any/a","value":${most}}]`,
      ],
      spec: `{"any":{"a":${most},"b":{"x":${least}},"c":{"x":${least}}},"byDefault":${odd}}`,
    },
    {
      what: 'applied',
      name: 'applied',
      send: apply('a', `{"n":${big},"set":[${big},${odd}],"keyed":[{"id":${big},"v":${most}}]}`),
      spec: `{"n":${big},"set":[${big},${odd}],"keyed":[{"id":${big},"v":${most}}],"byDefault":${odd}}`,
    },
    {
      what: 'applied by another',
      name: 'applied',
      send: apply('b', '{"set":[9007199254740994],"keyed":[{"id":9007199254740995,"v":1}]}'),
      spec: `{"n":${big},"set":[${big},${odd},9007199254740994],"keyed":[{"id":${big},"v":${most}},{"id":9007199254740995,"v":1}],"byDefault":${odd}}`,
    },
    {
      what: 'applied again without',
      name: 'applied',
      send: apply('a', `{"n":${big}}`),
      spec: `{"n":${big},"set":[9007199254740994],"keyed":[{"id":9007199254740995,"v":1}],"byDefault":${odd}}`,
    },
    {
      what: 'created as YAML',
      name: 'yaml',
      send: [
        'POST',
        '',
        'application/yaml',
        `{apiVersion: example.com/v1, kind: Number, metadata: {name: yaml}, spec: {"n": ${big}, any: {a: 0x20000000000001, b: ${least}, c: "${big}", d: 18446744073709551615}}}`,
      ],
      spec: `{"n":${big},"any":{"a":${big},"b":${least},"c":"${big}","d":18446744073709552000},"byDefault":${odd}}`,
    },
    {
      what: 'of a choice',
      name: 'choice',
      send: ['POST', '', 'application/json', named('choice', `{"choice":${big}}`)],
      spec: `{"choice":${big},"byDefault":${odd}}`,
    },
  ])('is read back as it was sent: $what', async ({ name, send: [method, path, contentType, body], spec }) => {
    const position = method === 'PUT' ? positionIn(await read(name)) : '';
    const sent = body.replace('"metadata":{', `"metadata":{${position === '' ? '' : `"resourceVersion":"${position}",`}`);
    expect(sorted(specIn(await server.expect(method, `${all}${path}`, contentType, sent)))).toBe(sorted(spec));
    expect(sorted(specIn(await read(name)))).toBe(sorted(spec));
  });

  it('is kept in the status', async () => {
    await server.expect('PATCH', `${all}/choice/status`, 'application/merge-patch+json', `{"status":{"seen":[${big}],"at":${least}}}`);
    expect(await read('choice')).toContain(`"status":{"seen":[${big}],"at":${least}}`);
  });

  it.each([
    ['a maximum', `{"n":${most}}`, `spec.n: Invalid value: ${most}: spec.n in body should be less than or equal to`],
    [
      'an enum',
      '{"choice":9007199254740992}',
      'spec.choice: Unsupported value: 9007199254740992: supported values: \\"1\\", \\"9007199254740993\\"',
    ],
    [
      'an integer',
      '{"n":9223372036854775808}',
      'spec.n: Invalid value: \\"number\\": spec.n in body must be of type integer: \\"number\\"',
    ],
    ['a rule', '{"n":9007199254740995}', 'none of these'],
    ['a set', `{"set":[${big},9007199254740992,${big}]}`, `spec.set[2]: Duplicate value: ${big}`],
    ['a map', `{"keyed":[{"id":${big}},{"id":${big}}]}`, `Duplicate value: map[string]interface {}{\\"id\\":${big}}`],
  ])('is judged as it is: by %s', async (_, spec, message) => {
    const response = await server.ask('POST', all, { 'content-type': 'application/json' }, named('refused', spec));
    expect(response.status).toBe(422);
    expect(await response.text()).toContain(message);
  });

  it('passes where its neighbours would not', async () => {
    await server.expect(
      'POST',
      `${all}?dryRun=All`,
      'application/json',
      named('rule', '{"n":9007199254740996,"set":[9007199254740992,9007199254740993]}'),
    );
  });

  it('stands in lists, tables, YAML, and is selected', async () => {
    expect(await server.expect('GET', all)).toContain(`"spec":{"n":${big},"set":[9007199254740994]`);
    const tables = { accept: 'application/json;as=Table;g=meta.k8s.io;v=v1' };
    const table = await (await server.ask('GET', `${all}?fieldSelector=spec.n%3D${big}`, tables)).text();
    expect(table).toContain(`"cells":["applied",${big},"${big}",null]`);
    expect(table).toContain(`"cells":["yaml",${big},"${big}",null]`);
    expect(table).not.toContain('"choice"');
    const none = await server.expect('GET', `${all}?fieldSelector=spec.n%3D9007199254740992`);
    expect(none).toContain('"items":[]');
    const yaml = await (await server.ask('GET', `${all}/yaml`, { accept: 'application/yaml' })).text();
    expect(yaml).toContain(`  any:\n    a: ${big}\n    b: ${least}\n    c: "${big}"\n`);
    expect(await server.expect('GET', `${all}/yaml?pretty=true`)).toContain(`"n": ${big},`);
  });

  it('is owned by those who applied it', async () => {
    expect(await read('applied')).toContain(
      '"f:keyed":{"k:{\\"id\\":9007199254740995}":{".":{},"f:id":{},"f:v":{}}},"f:set":{"v:9007199254740994":{}}',
    );
    const conflict = await server.ask(
      'PATCH',
      `${all}/applied?fieldManager=b`,
      { 'content-type': 'application/apply-patch+yaml' },
      named('applied', '{"n":9007199254740992}'),
    );
    expect(conflict.status).toBe(409);
    await server.expect(
      'PATCH',
      `${all}/applied?fieldManager=b&dryRun=All`,
      'application/apply-patch+yaml',
      named('applied', `{"n":${big}}`),
    );
  });

  it('does not change by being written again, and does by the next', async () => {
    const before = await read('yaml');
    expect(await server.expect('PATCH', `${all}/yaml`, 'application/merge-patch+json', `{"spec":{"n":${big}}}`)).toBe(before);
    expect(await server.expect('PATCH', `${all}/yaml`, 'application/merge-patch+json', '{"spec":{"n":9007199254740992}}')).toContain(
      '"n":9007199254740992',
    );
    await server.expect('PATCH', `${all}/yaml`, 'application/merge-patch+json', `{"spec":{"n":${big}}}`);
  });

  it('is called a number where it has no place', async () => {
    const scale = `{"apiVersion":"autoscaling/v1","kind":"Scale","metadata":{"name":"sent"},"spec":{"replicas":${big}}}`;
    const unfit = await server.ask('PUT', `${all}/sent/scale`, json, scale);
    expect(await unfit.text()).toContain(`json: cannot unmarshal number ${big} into Go struct field ScaleSpec.spec.replicas of type int32`);
    const deletion = await server.ask('DELETE', `${all}/sent`, json, `{"preconditions":${big}}`);
    expect(await deletion.text()).toContain('json: cannot unmarshal number into Go struct field DeleteOptions.preconditions');
    const patch = await server.ask('PATCH', `${all}/sent`, { 'content-type': 'application/merge-patch+json' }, big);
    expect(await patch.text()).toContain('json: cannot unmarshal number into Go value of type map[string]interface {}');
  });

  it('is told to watches', async () => {
    const position = positionIn(await server.expect('GET', all));
    const response = await server.ask('GET', `${all}?watch=true&resourceVersion=${position}`);
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    await server.expect('POST', all, 'application/json', named('watched', `{"n":${big},"any":{"${big}":${least}}}`));
    let seen = '';
    while (!seen.includes('\n')) seen += (await reader?.read())?.value ?? '';
    expect(seen).toContain(`"spec":{"n":${big},"any":{"${big}":${least}},"byDefault":${odd}}`);
    await reader?.cancel();
  });

  it('is published in documents', async () => {
    const v3 = await server.expect('GET', '/openapi/v3/apis/example.com/v1');
    expect(v3).toContain(`"default":${odd}`);
    expect(v3).toContain(`"enum":[1,${big}]`);
    expect(await server.expect('GET', '/openapi/v2')).toContain(`"default":${odd}`);
    expect(await server.expect('GET', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/numbers.example.com')).toContain(
      `"enum":[1,${big}]`,
    );
  });

  it.each([
    ['a snapshot', true],
    ['the log alone', false],
  ])('is there after a restart from %s', async (_, withSnapshot) => {
    const before = await server.expect('GET', all);
    await server.restart(withSnapshot);
    expect(await server.expect('GET', all)).toBe(before);
    const changed = await server.expect(
      'PATCH',
      `${all}/applied?fieldManager=c`,
      'application/merge-patch+json',
      `{"metadata":{"labels":{"a":"${withSnapshot}"}}}`,
    );
    expect(specIn(changed)).toBe(`{"n":${big},"set":[9007199254740994],"keyed":[{"id":9007199254740995,"v":1}],"byDefault":${odd}}`);
    expect(await server.expect('POST', `${all}?dryRun=All`, 'application/json', named('defaulted', '{}'))).toContain(`"byDefault":${odd}`);
  });

  it('survives anywhere in an object', async () => {
    const whole = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String);
    const text = fc
      .string({ unit: 'grapheme-ascii', maxLength: 20 })
      .filter((key) => key !== '__proto__')
      .map((key) => JSON.stringify(key));
    const { value } = fc.letrec<{ value: string }>((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        whole,
        text,
        fc.array(tie('value')).map((items) => `[${items.join(',')}]`),
        fc
          .uniqueArray(
            fc.tuple(
              text.filter((key) => !/^"\d+"$/.test(key)),
              tie('value'),
            ),
            { selector: ([key]) => key },
          )
          .map((fields) => `{${fields.map((field) => field.join(':')).join(',')}}`),
      ),
    }));
    let count = 0;
    await fc.assert(
      fc.asyncProperty(value, async (any) => {
        const name = `any${(count += 1)}`;
        const sent = `{"any":${any},"byDefault":${odd}}`;
        expect(specIn(await server.expect('POST', all, 'application/json', named(name, sent)))).toBe(sent);
        const again = await server.expect(
          'PATCH',
          `${all}/${name}?fieldManager=z`,
          'application/merge-patch+json',
          '{"metadata":{"labels":{"a":"b"}}}',
        );
        expect(specIn(again)).toBe(sent);
      }),
      { numRuns: 100 },
    );
    const before = await server.expect('GET', all);
    await server.restart(false);
    expect(await server.expect('GET', all)).toBe(before);
  });
});
