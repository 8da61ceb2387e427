import { execute, GraphQLObjectType, GraphQLSchema, parse, printType, validateSchema } from 'graphql';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '#kube';
import { builtinKinds } from '#workspace';
import { aKind } from '../testing/a-kind.ts';
import { kindTypes } from './kind-types.ts';
import { namesOf } from './names.ts';
import { workspaceSchema } from './workspace-schema.ts';

const typesOf = (schema: JsonObject) => {
  const kind = aKind('x.io', 'things', 'Thing', { schema });
  const [names] = namesOf([kind], { query: [], mutation: [], subscription: [] });
  if (!names) throw new Error('one kind has names');
  return kindTypes(names.version, names.types);
};
const inSpec = (properties: JsonObject): JsonObject => ({ type: 'object', properties: { spec: { type: 'object', properties } } });

describe('the types of a kind', () => {
  it('have a type for each shape', () => {
    const { object } = typesOf(
      inSpec({
        text: { type: 'string', description: 'A text' },
        small: { type: 'integer', format: 'int32' },
        large: { type: 'integer', format: 'int64' },
        bare: { type: 'integer' },
        share: { type: 'number' },
        is: { type: 'boolean' },
        port: { 'x-kubernetes-int-or-string': true },
        labels: { type: 'object', additionalProperties: { type: 'string' } },
        byName: { type: 'object', additionalProperties: { type: 'object', properties: { a: { type: 'string' } } } },
        free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
        any: { 'x-kubernetes-preserve-unknown-fields': true },
        lists: { type: 'array', items: { type: 'array', items: { type: 'object', properties: { a: { type: 'string' } } } } },
        open: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true, properties: { a: { type: 'string' } } },
      }),
    );
    const spec = object.getFields()['spec']?.type as GraphQLObjectType;
    const shown = Object.fromEntries(Object.values(spec.getFields()).map(({ name, type }) => [name, String(type)]));
    expect(shown).toEqual({
      text: 'String',
      small: 'Int',
      large: 'Int64',
      bare: 'Int64',
      share: 'Float',
      is: 'Boolean',
      port: 'IntOrString',
      labels: 'StringMap',
      byName: 'JSONString',
      free: 'JSONString',
      any: 'JSON',
      lists: '[[XIoV1Thing_spec_lists]]',
      open: 'XIoV1Thing_spec_open',
    });
    expect(Object.keys((spec.getFields()['open']?.type as GraphQLObjectType).getFields())).toEqual(['a', '_unknown']);
  });

  it('say what is deprecated, and why', () => {
    const { object } = typesOf(
      inSpec({ old: { type: 'string', description: 'The old way.\nDeprecated: use new instead.' }, new: { type: 'string' } }),
    );
    expect(printType(object.getFields()['spec']?.type as GraphQLObjectType)).toContain(
      'old: String @deprecated(reason: "use new instead.")',
    );
  });

  it('read fields whose names the language does not have', async () => {
    const { object } = typesOf(inSpec({ $ref: { type: 'string' }, 'a-b': { type: 'string' }, a_b: { type: 'string' } }));
    const schema = new GraphQLSchema({ query: new GraphQLObjectType({ name: 'Query', fields: { thing: { type: object } } }) });
    expect(validateSchema(schema)).toEqual([]);
    const rootValue = { thing: { spec: { $ref: '1', 'a-b': '2', a_b: '3' } } };
    const { data } = await execute({ schema, document: parse('{ thing { spec { _ref a_b a_b_ } } }'), rootValue });
    expect(data).toEqual({ thing: { spec: { _ref: '1', a_b: '3', a_b_: '2' } } });
  });

  it('read 64 bits exactly', async () => {
    const { object } = typesOf(inSpec({ bytes: { type: 'integer', format: 'int64' } }));
    const schema = new GraphQLSchema({ query: new GraphQLObjectType({ name: 'Query', fields: { thing: { type: object } } }) });
    const result = await execute({
      schema,
      document: parse('{ thing { spec { bytes } } }'),
      rootValue: { thing: { spec: { bytes: 9223372036854775807n } } },
    });
    expect(JSON.stringify(result)).toBe('{"data":{"thing":{"spec":{"bytes":9223372036854775807}}}}');
  });
});

describe('the schema of a workspace', () => {
  it('is valid, with all that every workspace serves', () => {
    const { schema } = workspaceSchema(builtinKinds);
    expect(validateSchema(new GraphQLSchema({ ...schema.toConfig(), assumeValid: false }))).toEqual([]);
  });

  it('shares its types with others', () => {
    const one = workspaceSchema(builtinKinds).schema;
    const other = workspaceSchema(builtinKinds.slice(0, -1)).schema;
    expect(other.getType('V1ConfigMap')).toBe(one.getType('V1ConfigMap'));
  });
});
