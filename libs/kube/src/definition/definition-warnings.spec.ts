import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../json.ts';
import type { KubeObject } from '../kube-object.ts';
import { definitionWarnings } from './definition-warnings.ts';

const definition = (...properties: readonly JsonObject[]): KubeObject => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.example.com' },
  spec: {
    versions: properties.map((property, index) => ({
      name: `v${index + 1}`,
      schema: { openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties: { a: property } } } } },
    })),
  },
});

describe('the warnings about a definition', () => {
  it.each<[JsonObject, readonly string[]]>([
    [{ type: 'string', format: 'date-time' }, []],
    [{ type: 'string', format: 'uuid' }, []],
    [{ format: 'ipv4' }, []],
    [{ type: 'integer', format: 'int64' }, []],
    [{ type: 'number', format: 'double' }, []],
    [{ type: 'string', format: 'int32' }, ['unrecognized format "int32"']],
    [{ type: 'integer', format: 'uint8' }, ['unrecognized format "uint8"']],
    [{ type: 'number', format: 'int64' }, ['unrecognized format "int64"']],
    [{ type: 'object', format: 'uri' }, ['unrecognized format "uri"']],
    [{ type: 'array', items: { type: 'string', format: 'quantity' } }, ['unrecognized format "quantity"']],
    [{ type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' } }, []],
    [
      { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'object' } },
      ['x-kubernetes-list-type: set for items of type "object" is not supported by server-side apply or CEL validation rules'],
    ],
  ])('for %j are %j', (property, warnings) => expect(definitionWarnings(definition(property))).toEqual(warnings));

  it('are about every version, and about nothing that was there before', () => {
    const [odd, other] = [
      { type: 'string', format: 'odd' },
      { type: 'string', format: 'other' },
    ];
    expect(definitionWarnings(definition(odd, other))).toEqual(['unrecognized format "odd"', 'unrecognized format "other"']);
    expect(definitionWarnings(definition(odd, other), definition(odd))).toEqual(['unrecognized format "other"']);
  });
});
