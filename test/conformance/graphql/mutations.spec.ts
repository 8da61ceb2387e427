import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defineGadgets, gadgets } from './define-gadgets.ts';
import { startGraphqlServer, type GraphqlFault } from './graphql-server.ts';

let server: Awaited<ReturnType<typeof startGraphqlServer>>;
const configMaps = '/api/v1/namespaces/default/configmaps';

beforeAll(async () => {
  server = await startGraphqlServer();
  const spec = {
    type: 'object',
    required: ['size'],
    properties: {
      size: { type: 'integer', format: 'int64', minimum: 1 },
      port: { 'x-kubernetes-int-or-string': true },
      parts: { type: 'array', items: { type: 'object', properties: { 'a-b': { type: 'string', enum: ['x', 'y'] } } } },
      open: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true, properties: { known: { type: 'string' } } },
      free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    },
  };
  const status = { type: 'object', properties: { phase: { type: 'string' } } };
  await defineGadgets(server, { spec, status });
});
afterAll(() => server?.stop());

const gadget = (mutation: string, variables?: object) =>
  server.ask(`mutation M${declared(variables)} { x_io { v1 { ${mutation} } } }`, variables);
const declared = (variables: object = {}): string => {
  const types = Object.entries(variables).map(
    ([name, value]) => `$${name}: ${name.startsWith('object') ? 'XIoV1Gadget_Input!' : typeNameOf(value)}`,
  );
  return types.length === 0 ? '' : `(${types.join(', ')})`;
};
const typeNameOf = (value: unknown): string =>
  typeof value === 'boolean' ? 'Boolean' : typeof value === 'number' ? 'Int' : Array.isArray(value) ? '[String!]' : 'String';
const read = (name: string) => server.rest('GET', `${gadgets}/${name}`) as Promise<unknown>;

describe('a mutation', () => {
  it('creates what is sent, in all its shapes', async () => {
    const { data, errors } = await gadget(
      `createGadget(namespace: "default", object: {
        metadata: { name: "one", labels: [{ key: "app.kubernetes.io/name", value: "web" }] }
        spec: { size: 9007199254740993, port: "50%", parts: [{ a_b: "x" }], open: { known: "k", _unknown: { more: [1] } }, free: "{\\"deep\\": 9007199254740993}" }
      }) { metadata { name generation } spec { size port parts { a_b } open { known _unknown } free } }`,
    );
    expect(errors).toEqual([]);
    expect(data).toMatchObject({ x_io: { v1: { createGadget: { metadata: { name: 'one', generation: 1 }, spec: { port: '50%' } } } } });
    expect(await read('one')).toMatchObject({
      apiVersion: 'x.io/v1',
      kind: 'Gadget',
      metadata: { labels: { 'app.kubernetes.io/name': 'web' } },
      spec: { port: '50%', parts: [{ 'a-b': 'x' }], open: { known: 'k', more: [1] }, free: {} },
    });
  });

  it('keeps every digit, in and out, as a variable too', async () => {
    const body = `{"query":"mutation($object: XIoV1Gadget_Input!) { x_io { v1 { createGadget(namespace: \\"default\\", object: $object) { spec { size free } } } } }","variables":{"object":{"metadata":{"name":"digits"},"spec":{"size":9223372036854775807,"free":{"n":9007199254740993}}}}}`;
    const answer = await (await server.post(body)).text();
    expect(answer).toContain('"size":9223372036854775807');
    expect(answer).toContain('"free":"{\\"n\\":9007199254740993}"');
  });

  it.each([
    ['true', undefined],
    ['["All"]', undefined],
    ['$try', { try: true }],
    ['$try', { try: ['All'] }],
    ['$try', { try: 'All' }],
  ])('only tries with dryRun: %s %j', async (dryRun, variables) => {
    const { data, errors } = await gadget(
      `createGadget(namespace: "default", dryRun: ${dryRun}, object: { metadata: { name: "dry" }, spec: { size: 1 } }) { metadata { name resourceVersion } }`,
      variables,
    );
    expect(errors).toEqual([]);
    expect(data).toMatchObject({ x_io: { v1: { createGadget: { metadata: { name: 'dry', resourceVersion: null } } } } });
    await expect(read('dry')).rejects.toThrow('404');
  });

  it('does what it says where dryRun is false', async () => {
    const { errors } = await gadget(
      'createGadget(namespace: "default", dryRun: false, object: { metadata: { name: "wet" }, spec: { size: 1 } }) { kind }',
    );
    expect(errors).toEqual([]);
    expect(await read('wet')).toMatchObject({ metadata: { name: 'wet' } });
  });

  it('names the input that is wrong', async () => {
    const { data, errors } = await gadget(
      'createGadget(namespace: "default", object: { metadata: { name: "bad" }, spec: { size: 0, parts: [{ a_b: "x" }, { a_b: "z" }] } }) { kind }',
    );
    expect(data).toEqual({ x_io: { v1: { createGadget: null } } });
    expect(errors).toMatchObject([
      { path: ['x_io', 'v1', 'createGadget'], extensions: { code: 'Invalid', status: { code: 422, reason: 'Invalid' } } },
    ]);
    const fields = errors[0]?.extensions?.fields ?? [];
    expect(fields.map(({ path }) => path.join('.')).sort()).toEqual(['object.spec.parts.1.a_b', 'object.spec.size']);
  });

  it('merges an update into what is there, and null takes away', async () => {
    await gadget('createGadget(namespace: "default", object: { metadata: { name: "two" }, spec: { size: 1, port: 80 } }) { kind }');
    const { data, errors } = await gadget(
      'updateGadget(namespace: "default", name: "two", object: { spec: { size: 2, port: null } }) { spec { size port } metadata { generation } }',
    );
    expect(errors).toEqual([]);
    expect(data).toEqual({ x_io: { v1: { updateGadget: { spec: { size: 2, port: null }, metadata: { generation: 2 } } } } });
  });

  it('updates only the version that is named', async () => {
    await gadget('createGadget(namespace: "default", object: { metadata: { name: "three" }, spec: { size: 1 } }) { kind }');
    const { metadata } = (await read('three')) as { metadata: { resourceVersion: string } };
    const update = (size: number) =>
      gadget(
        `updateGadget(namespace: "default", name: "three", resourceVersion: "${metadata.resourceVersion}", object: { spec: { size: ${size} } }) { kind }`,
      );
    expect((await update(2)).errors).toEqual([]);
    expect((await update(3)).errors).toMatchObject([{ extensions: { code: 'Conflict', status: { code: 409 } } }]);
    expect(await read('three')).toMatchObject({ spec: { size: 2 } });
  });

  it('applies for a manager, and takes from others only by force', async () => {
    const apply = (manager: string, size: number, more = '') =>
      gadget(
        `applyGadget(namespace: "default", fieldManager: "${manager}" ${more} object: { metadata: { name: "four" }, spec: { size: ${size} } }) { spec { size } }`,
      );
    expect((await apply('ann', 1)).errors).toEqual([]);
    expect((await apply('bob', 2)).errors).toMatchObject([{ extensions: { code: 'Conflict' } }]);
    expect((await apply('bob', 2, 'force: true')).errors).toEqual([]);
    const { metadata } = (await read('four')) as { metadata: { managedFields: { manager: string; operation: string }[] } };
    expect(metadata.managedFields).toMatchObject([{ manager: 'bob', operation: 'Apply' }]);
  });

  it('changes the status by its own endpoint only', async () => {
    await gadget('createGadget(namespace: "default", object: { metadata: { name: "five" }, spec: { size: 1 } }) { kind }');
    await gadget('updateGadget(namespace: "default", name: "five", object: { status: { phase: "no" } }) { kind }');
    expect(await read('five')).not.toHaveProperty('status');
    const { errors } = await gadget(
      'updateGadgetStatus(namespace: "default", name: "five", object: { spec: { size: 7 }, status: { phase: "yes" } }) { kind }',
    );
    expect(errors).toEqual([]);
    expect(await read('five')).toMatchObject({ spec: { size: 1 }, status: { phase: 'yes' } });
  });

  it('deletes, under conditions', async () => {
    await gadget('createGadget(namespace: "default", object: { metadata: { name: "six" }, spec: { size: 1 } }) { kind }');
    const remove = (more: string) => gadget(`deleteGadget(namespace: "default", name: "six" ${more})`);
    expect((await remove('uid: "another"')).errors).toMatchObject([{ extensions: { code: 'Conflict' } }]);
    expect((await remove('propagationPolicy: "Sideways"')).errors).toMatchObject([{ extensions: { code: 'BadRequest' } }]);
    expect((await remove('dryRun: true')).data).toEqual({ x_io: { v1: { deleteGadget: true } } });
    expect((await remove('propagationPolicy: "Background", gracePeriodSeconds: 0')).data).toEqual({ x_io: { v1: { deleteGadget: true } } });
    expect((await remove('')).errors).toMatchObject([{ extensions: { code: 'NotFound' } }]);
  });

  it('is done one after the other', async () => {
    const { data, errors } = await gadget(
      `a: createGadget(namespace: "default", object: { metadata: { name: "seven" }, spec: { size: 1 } }) { metadata { name } }
       b: updateGadget(namespace: "default", name: "seven", object: { spec: { size: 2 } }) { spec { size } }
       c: deleteGadget(namespace: "default", name: "seven")`,
    );
    expect(errors).toEqual([]);
    expect(data).toMatchObject({ x_io: { v1: { b: { spec: { size: 2 } }, c: true } } });
  });

  it('says what is to be warned of', async () => {
    const text = await (
      await server.post({
        query: `mutation { x_io { v1 { createGadget(namespace: "default", object: { metadata: { name: "eight", finalizers: ["bare"] }, spec: { size: 1 } }) { kind } } } }`,
      })
    ).text();
    expect(JSON.parse(text)).toHaveProperty('extensions.warnings');
  });

  it.each([
    ['a value of another type', 'spec: { size: "x" }', ''],
    ['a field that is not there', 'spec: { bogus: 1 }', ''],
    ['a text that is no JSON', 'spec: { size: 1, free: "{" }', ''],
    ['a name that leads elsewhere', 'spec: { size: 1, open: { _unknown: { __proto__: 1 } } }', ''],
    ['a value that nests too deep', `spec: { size: 1, open: { _unknown: { a: ${'['.repeat(400)}${']'.repeat(400)} } } }`, ''],
    ['a manager that nobody can read', 'spec: { size: 1 }', 'fieldManager: "\\u0001"'],
    ['a validation that is none', 'spec: { size: 1 }', 'fieldValidation: "Loud"'],
    ['a way to try that is none', 'spec: { size: 1 }', 'dryRun: ["Some"]'],
  ])('with %s is refused, by the fault of the client', async (_, spec, more) => {
    const { errors } = await gadget(`createGadget(namespace: "default" ${more} object: { metadata: { name: "never" } ${spec} }) { kind }`);
    expect(errors.length).toBeGreaterThan(0);
    for (const { extensions } of errors) expect(extensions?.code).not.toBe('InternalError');
    await expect(read('never')).rejects.toThrow('404');
  });
});

describe('applyYaml', () => {
  const applyYaml = async (yaml: string, more = ''): Promise<{ result: unknown; errors: readonly GraphqlFault[] }> => {
    const { data, errors } = await server.ask(`mutation($yaml: String!) { applyYaml(yaml: $yaml ${more}) }`, { yaml });
    const { applyYaml: text } = data as unknown as { applyYaml: string | null };
    return { result: text === null ? null : JSON.parse(text), errors };
  };
  const configMap = (name: string, value: string, more = ''): string =>
    `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n${more}data:\n  key: ${value}\n`;

  it('makes one object of one document, and changes it', async () => {
    expect((await applyYaml(configMap('why', 'one'))).result).toMatchObject({
      metadata: { name: 'why', namespace: 'default' },
      data: { key: 'one' },
    });
    expect((await applyYaml(configMap('why', 'two'))).result).toMatchObject({ data: { key: 'two' } });
    expect((await applyYaml(configMap('why', 'three'), 'dryRun: true')).result).toMatchObject({ data: { key: 'three' } });
    expect(await server.rest('GET', `${configMaps}/why`)).toMatchObject({ data: { key: 'two' } });
  });

  it('tells what became of each of several, and one refusal keeps none of the others', async () => {
    const { result, errors } = await applyYaml(
      [
        '# a comment\n',
        configMap('y1', 'a'),
        'kind: Nothing\napiVersion: v1\nmetadata: {name: none}\n',
        configMap('y2', '[1]'),
        configMap('y3', 'c'),
      ].join('\n---\n'),
    );
    expect(errors).toEqual([]);
    expect(result).toMatchObject([
      { kind: 'ConfigMap', name: 'y1', object: { data: { key: 'a' } } },
      { kind: 'Nothing', name: 'none', status: { code: 404 } },
      { name: 'y2', status: { kind: 'Status' } },
      { name: 'y3', object: { data: { key: 'c' } } },
    ]);
  });

  it('replaces the version that a document names, as an editor does', async () => {
    await applyYaml(configMap('e', 'one'));
    const { data } = await server.ask('{ v1 { ConfigMapYaml(name: "e", namespace: "default") } }');
    const yaml = (data as unknown as { v1: { ConfigMapYaml: string } }).v1.ConfigMapYaml;
    const edited = yaml.replace('key: one', 'other: two');
    expect((await applyYaml(edited)).result).toMatchObject({ data: { other: 'two' } });
    expect(await server.rest('GET', `${configMaps}/e`)).toMatchObject({ data: { other: 'two' } });
    expect((await applyYaml(edited)).errors).toMatchObject([{ extensions: { code: 'Conflict' } }]);
  });

  it.each([
    ['nothing', ''],
    ['what is no YAML', 'a: b: ['],
    ['a list', '- a'],
    ['no kind', 'apiVersion: v1\nmetadata: {name: x}'],
    ['no name', 'apiVersion: v1\nkind: ConfigMap'],
    ['strange metadata', 'apiVersion: v1\nkind: ConfigMap\nmetadata: [x]'],
  ])('refuses %s', async (_, yaml) => {
    const { errors } = await applyYaml(yaml);
    expect(errors[0]?.extensions?.code).toBe('BadRequest');
  });
});
