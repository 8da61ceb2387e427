import fc from 'fast-check';
import {
  buildClientSchema,
  getIntrospectionQuery,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  isUnionType,
  getNamedType,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLObjectType,
  type GraphQLSchema,
  type IntrospectionQuery,
} from 'graphql';
import { createClient } from 'graphql-ws';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { crdShapes, readShape } from '../crd-shapes/shapes.ts';
import { startGraphqlServer, type GraphqlAnswer } from './graphql-server.ts';

// Whatever the schema allows to be asked, the server never has to say that it does not know what went wrong.

let server: Awaited<ReturnType<typeof startGraphqlServer>>;
let schema: GraphQLSchema;
beforeAll(async () => {
  server = await startGraphqlServer();
  for (const name of Object.keys(crdShapes)) {
    const { definition } = readShape(name);
    await server.rest('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', JSON.parse(JSON.stringify(definition)) as object);
  }
  const { data } = await server.ask(getIntrospectionQuery());
  schema = buildClientSchema(data as unknown as IntrospectionQuery);
});
afterAll(() => server?.stop());

const seconds = 15;
const depthMax = 7;
const texts = [
  '',
  'default',
  'one',
  'a'.repeat(300),
  'é\u0000💥',
  'metadata.name=one',
  'a in (b,c)',
  '!x',
  '-metadata.name,spec',
  '0',
  '3',
  '-1',
  '99999999999999999999999',
  '2026-01-02T03:04:05Z',
  '__proto__',
  '{"a": [1, null]}',
  'configmaps',
  'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one}',
];

class Writer {
  readonly #value: fc.GeneratorValue;
  #fields = 0;

  constructor(value: fc.GeneratorValue) {
    this.#value = value;
  }

  operation(): string {
    const isMutation = this.#value(fc.integer, { min: 0, max: 2 }) === 0;
    const root = (isMutation ? schema.getMutationType() : schema.getQueryType()) as GraphQLObjectType;
    return `${isMutation ? 'mutation' : 'query'} ${this.#selection(root, 0)}`;
  }

  /** One field, as the language has it. */
  subscription(): string {
    const fields = Object.values(schema.getSubscriptionType()?.getFields() ?? {});
    // What there is something to tell of comes more often than one in a hundred.
    const busy = fields.filter(({ name }) => /configmap|customresourcedefinition|workspaceevents/i.test(name));
    const field = this.#pick(this.#value(fc.boolean) ? busy : fields);
    return `subscription { f: ${this.#field(field, 0) ?? '__typename'} }`;
  }

  #pick<Item>(items: readonly Item[]): Item {
    return items[this.#value(fc.integer, { min: 0, max: items.length - 1 })] as Item;
  }

  #selection(type: GraphQLObjectType, depth: number): string {
    const fields = Object.values(type.getFields());
    const shown: string[] = [];
    const count = this.#value(fc.integer, { min: 1, max: 3 });
    for (let index = 0; index < count && this.#fields < 60; index += 1) {
      this.#fields += 1;
      const written = this.#field(this.#pick(fields), depth);
      if (written !== undefined) shown.push(`f${index}: ${written}`);
    }
    return `{ ${shown.length === 0 ? '__typename' : shown.join(' ')} }`;
  }

  #field(field: GraphQLField<unknown, unknown>, depth: number): string | undefined {
    const type = getNamedType(field.type);
    const given = field.args.flatMap((argument) => {
      const isNeeded = isNonNullType(argument.type) && argument.defaultValue === undefined;
      return isNeeded || this.#value(fc.integer, { min: 0, max: 2 }) === 0 ? [`${argument.name}: ${this.#literal(argument.type, 0)}`] : [];
    });
    const called = `${field.name}${given.length === 0 ? '' : `(${given.join(', ')})`}`;
    if (isUnionType(type) || isInterfaceType(type)) return `${called} { __typename }`;
    if (!isObjectType(type)) return called;
    return depth >= depthMax ? undefined : `${called} ${this.#selection(type, depth + 1)}`;
  }

  #literal(type: GraphQLInputType, depth: number): string {
    if (isNonNullType(type)) return this.#literal(type.ofType, depth);
    if (isListType(type)) {
      const count = depth > 4 ? 0 : this.#value(fc.integer, { min: 0, max: 2 });
      return `[${Array.from({ length: count }, () => this.#literal(type.ofType, depth + 1)).join(', ')}]`;
    }
    if (isEnumType(type)) return this.#pick(type.getValues()).name;
    if (isInputObjectType(type)) {
      const fields = Object.values(type.getFields()).filter(
        (field) => isNonNullType(field.type) || (depth < 5 && this.#value(fc.integer, { min: 0, max: 3 }) === 0),
      );
      return `{${fields
        .slice(0, 12)
        .map((field) => `${field.name}: ${this.#literal(field.type, depth + 1)}`)
        .join(', ')}}`;
    }
    switch (type.name) {
      case 'Int':
        return this.#pick(['0', '1', '-1', '100', '2147483647']);
      case 'Float':
        return this.#pick(['0.5', '-1e300', '3']);
      case 'Boolean':
        return this.#pick(['true', 'false']);
      case 'Int64':
        return this.#pick(['0', '9223372036854775807', '-1']);
      case 'IntOrString':
        return this.#pick(['8080', '"50%"']);
      case 'StringMap_Input':
        return this.#pick(['{a: "b"}', '[{key: "a.b/c", value: "d"}]', '{}']);
      case 'JSON':
        return this.#pick(['{a: [1, {b: null}]}', '"text"', '7', 'null']);
      case 'DryRun':
        return this.#pick(['true', 'false', '["All"]']);
      default:
        return JSON.stringify(this.#pick(texts));
    }
  }
}

it(`answers what is asked at random, ${seconds} s long, and knows why where it does not`, { timeout: 120_000 }, async () => {
  const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 31);
  console.log(`FUZZ_SEED=${seed}`);
  let answered = 0;
  await fc.assert(
    fc.asyncProperty(fc.gen(), async (value) => {
      const query = new Writer(value).operation();
      const response = await server.post({ query });
      const text = await response.text();
      const { data, errors = [] } = JSON.parse(text) as Partial<GraphqlAnswer>;
      // Upstream answers some refusals with 500 and no reason; what is ours to know has this one.
      const unknown = errors.filter(({ extensions }) => extensions?.code === 'InternalError');
      if (response.status >= 500 || unknown.length > 0) throw new Error(`${query}\n${response.status} ${text.slice(0, 2_000)}`);
      if (data !== undefined && data !== null) answered += 1;
    }),
    { seed, numRuns: 100_000, interruptAfterTimeLimit: seconds * 1_000, markInterruptAsFailure: false },
  );
  // Otherwise it would have tried nothing but what cannot be read.
  expect(answered).toBeGreaterThan(20);
});

it(`follows what is asked at random, ${seconds} s long, and knows why where it does not`, { timeout: 120_000 }, async () => {
  const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 31);
  console.log(`FUZZ_SEED=${seed}`);
  const closings: unknown[] = [];
  const client = createClient({
    url: server.url.replace('http', 'ws'),
    webSocketImpl: WebSocket,
    connectionParams: { Authorization: server.authorization },
    lazy: false,
    retryAttempts: 0,
    onNonLazyError: (failure) => closings.push(failure),
  });
  const unknown: string[] = [];
  const open: (() => void)[] = [];
  let [told, refused] = [0, 0];
  const follow = (query: string): (() => void) => {
    const look = (result: unknown): void => {
      if (JSON.stringify(result).includes('"code":"InternalError"')) unknown.push(`${query}\n${JSON.stringify(result).slice(0, 2_000)}`);
    };
    return client.subscribe(
      { query },
      {
        next(result) {
          if (result.errors === undefined) told += 1;
          else refused += 1;
          look(result);
        },
        // What does not even fit the schema: there is no such thing here.
        error: (failure) => unknown.push(`${query}\n${JSON.stringify(failure)}`),
        complete: () => undefined,
      },
    );
  };
  let written = 0;
  await fc.assert(
    fc.asyncProperty(fc.gen(), async (value) => {
      open.push(follow(new Writer(value).subscription()));
      if (open.length > 40) open.shift()?.();
      // What happens is told to all who follow it by now.
      written += 1;
      const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'one' }, data: { n: String(written) } };
      await server.call(written % 10 === 1 ? 'POST' : 'PUT', `/api/v1/namespaces/default/configmaps${written % 10 === 1 ? '' : '/one'}`, {
        body,
      });
      if (written % 10 === 0) await server.call('DELETE', '/api/v1/namespaces/default/configmaps/one');
      expect([...unknown, ...closings]).toEqual([]);
    }),
    { seed, numRuns: 100_000, interruptAfterTimeLimit: seconds * 1_000, markInterruptAsFailure: false },
  );
  // Whoever asks now is answered behind all that was asked before.
  for await (const result of client.iterate({ query: '{ __typename }' })) expect(result).toEqual({ data: { __typename: 'Query' } });
  for (const stop of open) stop();
  await client.dispose();
  expect([...unknown, ...closings]).toEqual([]);
  expect({ told: told > 20, refused: refused > 5 }, `${told} told, ${refused} refused`).toEqual({ told: true, refused: true });
});
