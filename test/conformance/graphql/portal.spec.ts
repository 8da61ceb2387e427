import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { untilTrue } from '../../servers/tributary-until.ts';
import { defineGadgets, gadgets } from './define-gadgets.ts';
import { startGraphqlServer } from './graphql-server.ts';

let server: Awaited<ReturnType<typeof startGraphqlServer>>;
const configMaps = '/api/v1/namespaces/default/configmaps';
type Versioned = { readonly metadata: { readonly resourceVersion: string } };

const gadget = (name: string, spec: object, labels: object = {}) =>
  server.rest('POST', gadgets, { apiVersion: 'x.io/v1', kind: 'Gadget', metadata: { name, labels }, spec });

beforeAll(async () => {
  server = await startGraphqlServer();
  const spec = { type: 'object', properties: { size: { type: 'integer' }, colour: { type: 'string' }, note: { type: 'string' } } };
  const status = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  const additionalPrinterColumns = [
    { name: 'Size', type: 'integer', jsonPath: '.spec.size' },
    { name: 'Colour', type: 'string', jsonPath: '.spec.colour' },
    { name: 'Note', type: 'string', jsonPath: '.spec.note', priority: 1 },
  ];
  await defineGadgets(server, { health: { type: 'string' }, spec, status }, { additionalPrinterColumns });
  const colours = ['red', 'green', 'blue'];
  for (let size = 1; size <= 12; size += 1)
    await gadget(`g${size}`, { size, colour: colours[size % 3], note: `note ${size}` }, { parity: size % 2 === 0 ? 'even' : 'odd' });
});
afterAll(() => server?.stop());

describe('health', () => {
  it('is a field of every object, beside one that is called so', async () => {
    const { data, errors } = await server.ask(
      `{ x_io { v1 { Gadget(namespace: "default", name: "g1") { health health_ { word turn since reason } } } }
         v1 { Namespace(name: "default") { health { word turn } } } }`,
    );
    expect(errors).toEqual([]);
    expect(data).toMatchObject({
      x_io: { v1: { Gadget: { health: null, health_: { word: 'Current', turn: null, reason: 'nothing is left to do' } } } },
      v1: { Namespace: { health: { word: 'Current', turn: null } } },
    });
  });

  it('follows the status, whose turn it is included', async () => {
    await gadget('sick', { size: 0 });
    const condition = {
      type: 'Stalled',
      status: 'True',
      reason: 'NoDisk',
      message: 'the disk is full',
      lastTransitionTime: '2026-01-02T03:04:05Z',
    };
    const { errors } = await server.ask(
      `mutation($object: XIoV1Gadget_Input!) { x_io { v1 { updateGadgetStatus(namespace: "default", name: "sick", object: $object) { kind } } } }`,
      { object: { status: JSON.stringify({ conditions: [condition] }) } },
    );
    expect(errors).toEqual([]);
    const { data } = await server.ask(
      '{ x_io { v1 { Gadget(namespace: "default", name: "sick") { health_ { word turn since reason } } } } }',
    );
    expect(data).toEqual({
      x_io: {
        v1: { Gadget: { health_: { word: 'Failed', turn: 'consumer', since: '2026-01-02T03:04:05Z', reason: 'the disk is full' } } },
      },
    });
    await server.rest('DELETE', `${gadgets}/sick`);
  });
});

describe('mayI', () => {
  it('answers many actions in their order', async () => {
    const { data, errors } = await server.ask(
      'query($actions: [Action_Input!]!) { mayI(actions: $actions) { verb resource path allowed reason } }',
      {
        actions: [
          { verb: 'create', resource: 'configmaps', namespace: 'default' },
          { verb: 'get', path: '/metrics' },
        ],
      },
    );
    expect(errors).toEqual([]);
    expect(data).toEqual({
      mayI: [
        { verb: 'create', resource: 'configmaps', path: '', allowed: true, reason: '' },
        { verb: 'get', resource: '', path: '/metrics', allowed: true, reason: '' },
      ],
    });
  });

  it.each([
    ['neither a resource nor a path', '{ verb: "get" }'],
    ['both', '{ verb: "get", resource: "pods", path: "/metrics" }'],
  ])('is refused for %s', async (_, action) => {
    const { errors } = await server.ask(`{ mayI(actions: [${action}]) { allowed } }`);
    expect(errors).toMatchObject([{ extensions: { code: 'BadRequest' } }]);
  });
});

type Rows = {
  readonly tableRows: {
    readonly rows: readonly { readonly cells: readonly unknown[]; readonly name: string }[];
    readonly total: number;
    readonly continue: string;
    readonly columns: readonly { readonly name: string }[];
  };
};
const rows = async (more: string) => {
  const { data, errors } = await server.ask(
    `{ tableRows(group: "x.io", resource: "gadgets", namespace: "default" ${more}) { columns { name type priority } rows { cells name namespace health { word } } total continue } }`,
  );
  expect(errors).toEqual([]);
  return (data as unknown as Rows).tableRows;
};
const namesIn = (table: Rows['tableRows']) => table.rows.map(({ name }) => name);

describe('tableRows', () => {
  it('has the columns that kubectl prints, as far as they are for all', async () => {
    const table = await rows('page: { limit: 1 }');
    expect(table.columns.map(({ name }) => name)).toEqual(['Name', 'Size', 'Colour']);
    expect(table.rows).toEqual([{ cells: ['g1', 1, 'green'], name: 'g1', namespace: 'default', health: { word: 'Current' } }]);
    expect(table.total).toBe(12);
  });

  it('shows the columns that are asked for', async () => {
    const table = await rows('columns: ["Note", "namespace", "Health"] page: { limit: 1 }');
    expect(table.rows[0]?.cells).toEqual(['note 1', 'default', 'Current']);
  });

  it('sorts by what stands in the objects', async () => {
    expect(namesIn(await rows('sort: "-Size" page: { limit: 3 }'))).toEqual(['g12', 'g11', 'g10']);
    expect(namesIn(await rows('sort: "Colour,-Size" page: { limit: 3 }'))).toEqual(['g11', 'g8', 'g5']);
    expect(namesIn(await rows('sort: "Name" page: { limit: 3 }'))).toEqual(['g1', 'g10', 'g11']);
    expect(namesIn(await rows('sort: ".spec.colour,-.spec.size" page: { limit: 3 }'))).toEqual(['g11', 'g8', 'g5']);
    const noted = await rows('columns: ["Name", ".spec.note"] filter: [{ column: ".spec.size", in: ["7"] }]');
    expect(noted.rows).toMatchObject([{ cells: ['g7', 'note 7'] }]);
  });

  it('filters and searches', async () => {
    expect((await rows('filter: [{ column: "Colour", in: ["red", "blue"] }]')).total).toBe(8);
    expect((await rows('filter: [{ column: "Colour", notIn: ["red", "blue"] }, { column: "Name", contains: "G1" }]')).total).toBe(2);
    expect((await rows('search: "ODD blue"')).total).toBe(2);
    expect((await rows('labelselector: "parity=odd"')).total).toBe(6);
  });

  it('goes on where the page ended, in the same table', async () => {
    const first = await rows('sort: "-Size" page: { limit: 5 }');
    await gadget('late', { size: 100 });
    const second = await rows(`sort: "-Size" page: { limit: 5, continue: "${first.continue}" }`);
    const third = await rows(`sort: "-Size" page: { limit: 5, continue: "${second.continue}" }`);
    expect([...namesIn(first), ...namesIn(second), ...namesIn(third)]).toEqual(Array.from({ length: 12 }, (_, index) => `g${12 - index}`));
    expect(third.continue).toBe('');
    await server.rest('DELETE', `${gadgets}/late`);
  });

  it.each([
    ['a column that is none', 'sort: "Weight"', 'BadRequest'],
    ['a field that is none', 'sort: "."', 'BadRequest'],
    ['another table', 'page: { continue: "bm8" }', 'BadRequest'],
    ['too long a page', 'page: { limit: 5000 }', 'BadRequest'],
    ['a version that is none', 'version: "v9"', 'NotFound'],
  ])('is refused for %s', async (_, more, code) => {
    const { errors } = await server.ask(`{ tableRows(group: "x.io", resource: "gadgets" ${more}) { total } }`);
    expect(errors).toMatchObject([{ extensions: { code } }]);
  });
});

describe('a moment of the past', () => {
  const map = (name: string, data: object) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data });
  const at = async (moment: string) => {
    const { data, errors } = await server.ask(
      `{ v1 { ConfigMaps(namespace: "default", fieldselector: "metadata.name!=kube-root-ca.crt", at: ${moment}) { resourceVersion items { metadata { name } data } } } }`,
    );
    expect(errors).toEqual([]);
    const { items } = (data as unknown as { v1: { ConfigMaps: { items: { metadata: { name: string }; data: { key: string } }[] } } }).v1
      .ConfigMaps;
    return items.map((item) => `${item.metadata.name}=${item.data.key}`);
  };

  it('shows what there was, by version and by time', async () => {
    const one = (await server.rest('POST', configMaps, map('one', { key: 'a' }))) as unknown as Versioned;
    const two = (await server.rest('POST', configMaps, map('two', { key: 'b' }))) as unknown as Versioned;
    const written = Date.now();
    await untilTrue('the clock has gone on', () => Date.now() > written);
    const between = new Date().toISOString();
    await untilTrue('the clock has gone on again', () => new Date().toISOString() > between);
    await server.rest('PUT', `${configMaps}/one`, map('one', { key: 'c' }));
    await server.rest('DELETE', `${configMaps}/two`);
    await server.rest('POST', configMaps, map('two', { key: 'd' }));
    expect(await at(`{ resourceVersion: "${one.metadata.resourceVersion}" }`)).toEqual(['one=a']);
    expect(await at(`{ resourceVersion: "${two.metadata.resourceVersion}" }`)).toEqual(['one=a', 'two=b']);
    expect(await at(`{ time: "${between}" }`)).toEqual(['one=a', 'two=b']);
    expect(await at(`{ time: "${new Date().toISOString()}" }`)).toEqual(['one=c', 'two=d']);
    expect(await at('{ time: "2000-01-01T00:00:00Z" }')).toEqual([]);
    const { data } = await server.ask(
      `{ v1 { ConfigMap(namespace: "default", name: "two", at: { resourceVersion: "${two.metadata.resourceVersion}" }) { data } } }`,
    );
    expect(data).toEqual({ v1: { ConfigMap: { data: { key: 'b' } } } });
  });

  it.each([
    ['an object that was not there yet', 'ConfigMap(namespace: "default", name: "one", at: { resourceVersion: "1" }) { kind }', 'NotFound'],
    ['what is still to come', 'ConfigMaps(at: { resourceVersion: "999999" }) { items { kind } }', 'Timeout'],
    ['two moments at once', 'ConfigMaps(at: { resourceVersion: "1", time: "2026-01-01T00:00:00Z" }) { items { kind } }', 'BadRequest'],
    ['no moment', 'ConfigMaps(at: {}) { items { kind } }', 'BadRequest'],
    ['a time that is none', 'ConfigMaps(at: { time: "yesterday" }) { items { kind } }', 'BadRequest'],
  ])('is refused for %s', async (_, field, code) => {
    const { errors } = await server.ask(`{ v1 { ${field} } }`);
    expect(errors).toMatchObject([{ extensions: { code } }]);
  });
});

describe('what views tell', () => {
  it('is refused where there are none', async () => {
    const history = await server.ask('{ history(resource: "configmaps", namespace: "default", name: "one") { at } }');
    expect(history.errors).toMatchObject([{ extensions: { code: 'ServiceUnavailable' } }]);
    const instances = await server.ask('{ instances { items { name } } }');
    expect(instances.errors).toMatchObject([{ extensions: { code: 'ServiceUnavailable' } }]);
  });
});
