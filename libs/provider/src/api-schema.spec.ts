import { describe, expect, it } from 'vitest';
import { tableColumns, tableRow, type ScalePaths } from '#kube';
import { canonicalJson, compileApi, schemaHashOf, violationsOfApiSchema, type ApiSchema } from './api-schema.ts';

const schema = (scale: unknown): ApiSchema => ({
  group: 'demo.test',
  names: { plural: 'gadgets', kind: 'Gadget' },
  scope: 'Namespaced',
  versions: [
    { name: 'v1', served: true, storage: true, schema: { type: 'object' }, subresources: { scale: scale as ScalePaths } },
    { name: 'v2beta1', served: true, storage: false, schema: { type: 'object' } },
    { name: 'v2', served: true, storage: false, schema: { type: 'object' } },
  ],
});
const sound = { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' };

describe('the schema of a bound kind', () => {
  it('says where /scale finds the replicas', () => {
    expect(violationsOfApiSchema('v1.gadgets.demo.test', schema(sound))).toEqual([]);
    expect(compileApi(schema(sound)).versions.find(({ name }) => name === 'v1')?.scale).toEqual(sound);
  });

  it.each([
    [{}, ['specReplicasPath: Required value', 'statusReplicasPath: Required value']],
    [{ ...sound, specReplicasPath: 'spec.x' }, ['specReplicasPath: Invalid value: "spec.x": must be a simple json path starting with .']],
    [{ ...sound, statusReplicasPath: '.spec.x' }, ['statusReplicasPath: Invalid value: ".spec.x": should be a json path under .status']],
    [{ ...sound, labelSelectorPath: 5 }, ['labelSelectorPath: Invalid value: "5": must be a string']],
  ])('is refused with a scale of %j, and served without it where it is there already', (scale, causes) => {
    const found = violationsOfApiSchema('v1.gadgets.demo.test', schema(scale)).map(({ field, message }) => `${field}: ${message}`);
    expect(found).toEqual(causes.map((cause) => `spec.versions[0].subresources.scale.${cause}`));
    expect(compileApi(schema(scale)).versions.every((version) => version.scale === undefined)).toBe(true);
  });

  it('loses in another version what that does not know', () => {
    const spec = { type: 'object', properties: { size: { type: 'integer' } } };
    const [v1, , v2] = schema(undefined).versions;
    const kind = compileApi({ ...schema(undefined), versions: [v1!, { ...v2!, schema: { type: 'object', properties: { spec } } }] });
    const gadget = { apiVersion: 'demo.test/v1', kind: 'Gadget', metadata: { name: 'a' }, spec: { size: 1, color: 'red' } };
    expect(kind.convert?.(gadget, 'v2')).toEqual({ ...gadget, apiVersion: 'demo.test/v2', spec: { size: 1 } });
  });

  it('shows how objects are to who asks for a wide table, beside what it shows anyway, where there is a status', () => {
    const given = (version: object): ApiSchema => {
      const [first, ...others] = schema(sound).versions;
      return { ...schema(sound), versions: [{ ...first!, ...version }, ...others] };
    };
    const columnsOf = (version: object) => tableColumns(compileApi(given(version)).versions.find(({ name }) => name === 'v1')!);
    const named = (version: object) => columnsOf(version).definitions.map(({ name, priority }) => [name, priority]);
    const status = { subresources: { status: {} } };
    const size = { name: 'Size', type: 'integer', jsonPath: '.spec.size' };
    expect(named({})).toEqual([
      ['Name', 0],
      ['Age', 0],
    ]);
    expect(named(status)).toEqual([
      ['Name', 0],
      ['Age', 0],
      ['Health', 1],
    ]);
    expect(named({ ...status, additionalPrinterColumns: [size] })).toEqual([
      ['Name', 0],
      ['Size', 0],
      ['Health', 1],
    ]);
    const own = { name: 'health', type: 'string', jsonPath: '.status.health' };
    expect(named({ ...status, additionalPrinterColumns: [own] })).toEqual([
      ['Name', 0],
      ['health', 0],
    ]);
    const conditions = [{ type: 'Stalled', status: 'True', reason: 'NoDisk', message: 'no disk' }];
    const object = { apiVersion: 'demo.test/v1', kind: 'Gadget', metadata: { name: 'g' }, status: { conditions } };
    expect(tableRow(columnsOf(status), object, 'None', { now: 0, version: 'v1' }).cells).toEqual(['g', null, 'Failed']);
  });

  it('is another where a number of 64 bits is another', () => {
    const of = (limit: bigint): ApiSchema => {
      const whole = schema(sound);
      return { ...whole, versions: whole.versions.map((version) => ({ ...version, schema: { type: 'integer', default: limit } })) };
    };
    const hashes = [9_007_199_254_740_992n, 9_007_199_254_740_993n, 9_007_199_254_740_993n].map((limit) => schemaHashOf(of(limit)));
    expect(hashes[1]).not.toBe(hashes[0]);
    expect(hashes[2]).toBe(hashes[1]);
    expect(canonicalJson({ b: [9_007_199_254_740_993n], a: 1 })).toBe('{"a":1,"b":[9007199254740993]}');
  });

  it('has its versions in the order of their priority', () => {
    expect(compileApi(schema(sound)).versions.map(({ name }) => name)).toEqual(['v2', 'v1', 'v2beta1']);
  });
});
