import { buildClientSchema, getIntrospectionQuery, printType, validateSchema, type GraphQLSchema, type IntrospectionQuery } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { crdShapes, readShape } from '../crd-shapes/shapes.ts';
import { startGraphqlServer } from './graphql-server.ts';

// What definitions like well-known ones look like in GraphQL. `vitest run -u` writes the snapshots anew: read the difference before you keep it.

type Server = Awaited<ReturnType<typeof startGraphqlServer>>;
let server: Server;
let other: Server;
beforeAll(async () => {
  [server, other] = await Promise.all([startGraphqlServer(), startGraphqlServer()]);
});
afterAll(async () => {
  await server?.stop();
  await other?.stop();
});

const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

async function schemaOf({ ask }: Server): Promise<GraphQLSchema> {
  const { data, errors } = await ask(getIntrospectionQuery());
  expect(errors).toEqual([]);
  return buildClientSchema(data as unknown as IntrospectionQuery);
}

/** The types that a definition brings, in the order in which they are told. */
async function typesBroughtBy(definition: object, to: Server): Promise<string> {
  const before = await schemaOf(to);
  await to.rest('POST', definitions, definition);
  const after = await schemaOf(to);
  expect(validateSchema(after)).toEqual([]);
  const brought = Object.values(after.getTypeMap()).filter(({ name }) => before.getType(name) === undefined);
  return `${brought.map((type) => printType(type)).join('\n\n')}\n`;
}

/** The same, written in another order. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, below]) => [key, reversed(below)]),
  );
}

describe.each(Object.keys(crdShapes))('a definition like that of %s', (name) => {
  it('has a valid schema that stays as it is, in whatever order it was written', async () => {
    const definition = JSON.parse(JSON.stringify(readShape(name).definition)) as object;
    const printed = await typesBroughtBy(definition, server);
    await expect(printed).toMatchFileSnapshot(`schemas/${name}.graphql`);
    expect(await typesBroughtBy(reversed(definition) as object, other)).toBe(printed);
  });
});
