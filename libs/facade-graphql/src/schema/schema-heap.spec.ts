import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { getIntrospectionQuery, graphqlSync, type GraphQLSchema } from 'graphql';
import { describe, expect, it } from 'vitest';
import type { JsonObject, ServedKind } from '#kube';
import { aKind } from '../testing/a-kind.ts';
import { workspaceSchema } from './workspace-schema.ts';

describe('the heap of a schema', () => {
  it('holds its types, whatever was asked for before: fields and arguments come and go', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const settled = async (): Promise<number> => {
      // References that fade are kept until their turn is over.
      await new Promise(setImmediate);
      collect();
      return process.memoryUsage().heapUsed;
    };
    introspect(workspaceSchema(fiftyKinds('warm')).schema);
    const rounds = 5;
    const served = Array.from({ length: rounds }, (_, index) => fiftyKinds(`w${index}`));
    const before = await settled();
    const schemas = served.map((kinds) => workspaceSchema(kinds));
    const made = ((await settled()) - before) / rounds;
    for (const { schema } of schemas) expect(introspect(schema)).toBeGreaterThan(50 * 14 * 6);
    const asked = ((await settled()) - before) / rounds;
    expect(schemas).toHaveLength(rounds);
    expect({ made: made < 1.5e6, asked: asked < 1.5e6 }, `${made} bytes made, ${asked} bytes asked`).toEqual({ made: true, asked: true });
  });
});

/** How many fields a client sees that asks for all. */
function introspect(schema: GraphQLSchema): number {
  const { data } = graphqlSync({ schema, source: getIntrospectionQuery() });
  const { types } = (data as unknown as { readonly __schema: { readonly types: { readonly fields?: unknown[] | null }[] } }).__schema;
  return types.reduce((sum, { fields }) => sum + (fields?.length ?? 0), 0);
}

/** Each with fourteen objects of six fields. */
function fiftyKinds(group: string): readonly ServedKind[] {
  const leaf: JsonObject = { type: 'string', description: 'A text' };
  const part: JsonObject = { type: 'object', properties: { one: leaf, two: leaf, three: leaf, four: leaf, five: leaf, six: leaf } };
  const properties = Object.fromEntries(Array.from({ length: 14 }, (_, index) => [`part${index}`, part]));
  const schema: JsonObject = { type: 'object', properties: { spec: { type: 'object', properties } } };
  return Array.from({ length: 50 }, (_, index) => aKind(`g${index}.${group}.io`, 'things', 'Thing', { schema }));
}
