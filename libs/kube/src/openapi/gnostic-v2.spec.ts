import protobuf from 'protobufjs';
import { describe, expect, it } from 'vitest';
import { compileSchema } from '../schema/compile-schema.ts';
import type { JsonObject } from '../json.ts';
import type { ServedKind } from '../served-kind.ts';
import type { OpenApiEdition } from './edition.ts';
import { gnosticV2 } from './gnostic-v2.ts';
import { openApiV2 } from './open-api-v2.ts';

// What readers take from the document, by the numbers of OpenAPIv2.proto.
const { root } = protobuf.parse(`
  syntax = "proto3";
  message Any { string yaml = 2; }
  message NamedAny { string name = 1; Any value = 2; }
  message TypeItem { repeated string value = 1; }
  message ItemsItem { repeated Schema schema = 1; }
  message AdditionalPropertiesItem { Schema schema = 1; bool boolean = 2; }
  message Schema {
    string ref = 1; string format = 2; string description = 4; Any default = 5; double maximum = 7; double minimum = 9;
    int64 max_length = 11; string pattern = 13; repeated string required = 19; repeated Any enum = 20;
    AdditionalPropertiesItem additional_properties = 21; TypeItem type = 22; ItemsItem items = 23; Properties properties = 25;
    repeated NamedAny vendor_extension = 31;
  }
  message NamedSchema { string name = 1; Schema value = 2; }
  message Properties { repeated NamedSchema additional_properties = 1; }
  message SchemaItem { Schema schema = 1; }
  message Response { string description = 1; SchemaItem schema = 2; }
  message ResponseValue { Response response = 1; }
  message NamedResponseValue { string name = 1; ResponseValue value = 2; }
  message Responses { repeated NamedResponseValue response_code = 1; }
  message BodyParameter { string name = 2; string in = 3; bool required = 4; Schema schema = 5; }
  message QueryParameter { string in = 2; string name = 4; string type = 6; bool unique_items = 20; }
  message PathParameter { bool required = 1; string in = 2; string name = 4; string type = 5; bool unique_items = 19; }
  message NonBodyParameter { QueryParameter query = 3; PathParameter path = 4; }
  message Parameter { BodyParameter body = 1; NonBodyParameter other = 2; }
  message ParametersItem { Parameter parameter = 1; }
  message Operation {
    string operation_id = 5; repeated string produces = 6; repeated string consumes = 7; repeated ParametersItem parameters = 8;
    Responses responses = 9; repeated NamedAny vendor_extension = 13;
  }
  message PathItem { Operation get = 2; Operation post = 4; Operation patch = 8; repeated ParametersItem parameters = 9; }
  message NamedPathItem { string name = 1; PathItem value = 2; }
  message Paths { repeated NamedPathItem path = 2; }
  message Info { string title = 1; string version = 2; }
  message Document { string swagger = 1; Info info = 2; Paths paths = 8; Properties definitions = 9; }
`);

const kind: ServedKind = {
  group: 'example.com',
  resource: 'widgets',
  singular: 'widget',
  kind: 'Widget',
  listKind: 'WidgetList',
  shortNames: [],
  categories: [],
  namespaced: true,
  nameRule: 'dns1123subdomain',
  verbs: ['create', 'get', 'list', 'patch'],
  versions: [
    {
      name: 'v1',
      served: true,
      schema: compileSchema({
        type: 'object',
        properties: {
          spec: {
            type: 'object',
            required: ['size'],
            properties: {
              size: { type: 'integer', format: 'int32', minimum: -1.5, maximum: 9, default: 3 },
              color: { type: 'string', enum: ['red', 'green'], maxLength: 300, pattern: '^x' },
              tags: { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set' },
              more: { type: 'object', additionalProperties: { type: 'string' } },
            },
          },
        },
      }),
      statusSubresource: false,
      columns: [],
      selectableFields: [],
    },
  ],
  storageVersion: 'v1',
  unconditionalUpdate: false,
  hasGeneration: true,
  source: { type: 'builtin' },
};

type Named<Value> = readonly { readonly name: string; readonly value: Value }[];
type Read = {
  readonly swagger: string;
  readonly info: object;
  readonly paths: { readonly path: Named<Record<string, unknown>> };
  readonly definitions: { readonly additionalProperties: Named<object> };
};

describe('the OpenAPI v2 document in protobuf', () => {
  const bytesOf = (edition: OpenApiEdition): Buffer =>
    Buffer.concat(edition.join(kind.versions.map((version) => edition.part(kind, version))));
  const json = JSON.parse(bytesOf(openApiV2).toString()) as JsonObject;
  const type = root.lookupType('Document');
  const read = type.toObject(type.decode(bytesOf(gnosticV2)), { longs: Number }) as Read;
  const definition = (name: string) => read.definitions.additionalProperties.find((entry) => entry.name === name)?.value;

  it('has all that the JSON has', () => {
    expect(read).toMatchObject({ swagger: '2.0', info: { title: 'Tributary', version: 'v1' } });
    expect(read.paths.path.map(({ name }) => name)).toEqual(Object.keys(json['paths'] as object));
    expect(read.definitions.additionalProperties.map(({ name }) => name)).toEqual(Object.keys(json['definitions'] as object));
  });

  it('describes a kind', () => {
    expect(definition('com.example.v1.Widget')).toMatchObject({
      type: { value: ['object'] },
      vendorExtension: [
        { name: 'x-kubernetes-group-version-kind', value: { yaml: '[{"group":"example.com","version":"v1","kind":"Widget"}]' } },
      ],
      properties: {
        additionalProperties: expect.arrayContaining([
          {
            name: 'spec',
            value: {
              type: { value: ['object'] },
              required: ['size'],
              properties: {
                additionalProperties: [
                  {
                    name: 'size',
                    value: { type: { value: ['integer'] }, format: 'int32', minimum: -1.5, maximum: 9, default: { yaml: '3' } },
                  },
                  {
                    name: 'color',
                    value: { type: { value: ['string'] }, enum: [{ yaml: '"red"' }, { yaml: '"green"' }], maxLength: 300, pattern: '^x' },
                  },
                  {
                    name: 'tags',
                    value: {
                      type: { value: ['array'] },
                      items: { schema: [{ type: { value: ['string'] } }] },
                      vendorExtension: [{ name: 'x-kubernetes-list-type', value: { yaml: '"set"' } }],
                    },
                  },
                  {
                    name: 'more',
                    value: { type: { value: ['object'] }, additionalProperties: { schema: { type: { value: ['string'] } } } },
                  },
                ],
              },
            },
          },
        ]) as unknown,
      },
    });
    const meta = '#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';
    expect(JSON.stringify(definition('com.example.v1.Widget'))).toContain(`{"name":"metadata","value":{"ref":"${meta}"`);
  });

  it('describes its operations', () => {
    const item = read.paths.path.find(({ name }) => name.endsWith('/namespaces/{namespace}/widgets/{name}'))?.value;
    expect(item).toMatchObject({
      patch: {
        operationId: 'patchExampleComV1NamespacedWidget',
        produces: ['application/json', 'application/yaml'],
        consumes: ['application/json-patch+json', 'application/merge-patch+json', 'application/apply-patch+yaml'],
        parameters: expect.arrayContaining([
          { parameter: { other: { query: { in: 'query', name: 'fieldValidation', type: 'string', uniqueItems: true } } } },
          expect.objectContaining({ parameter: { body: expect.objectContaining({ name: 'body', in: 'body', required: true }) } }),
        ]) as unknown,
        responses: {
          responseCode: expect.arrayContaining([
            { name: '200', value: { response: { description: 'OK', schema: { schema: { ref: '#/definitions/com.example.v1.Widget' } } } } },
          ]) as unknown,
        },
        vendorExtension: expect.arrayContaining([{ name: 'x-kubernetes-action', value: { yaml: '"patch"' } }]) as unknown,
      },
      parameters: expect.arrayContaining([
        { parameter: { other: { path: { required: true, in: 'path', name: 'name', type: 'string', uniqueItems: true } } } },
      ]) as unknown,
    });
  });
});
