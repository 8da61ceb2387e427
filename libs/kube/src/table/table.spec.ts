import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../kube-object.ts';
import type { PrinterColumn, ServedVersion } from '../served-kind.ts';
import { humanDuration } from './human-duration.ts';
import { compileJsonPath } from './json-path.ts';
import { tableColumns, tableRow } from './table.ts';

describe('a duration', () => {
  const [s, m, h, d, y] = [1, 60, 3600, 86_400, 365 * 86_400] as const;
  it.each([
    [-2 * s, '<invalid>'],
    [-1 * s, '0s'],
    [0, '0s'],
    [119 * s, '119s'],
    [2 * m, '2m'],
    [9 * m + 59 * s, '9m59s'],
    [10 * m + 59 * s, '10m'],
    [179 * m, '179m'],
    [3 * h, '3h'],
    [7 * h + 5 * m, '7h5m'],
    [47 * h + 59 * m, '47h'],
    [2 * d, '2d'],
    [7 * d + 23 * h, '7d23h'],
    [8 * d + 1 * h, '8d'],
    [2 * y - 1, '729d'],
    [2 * y, '2y'],
    [3 * y + 5 * d, '3y5d'],
    [9 * y + 5 * d, '9y'],
  ])('of %d seconds reads %s', (seconds, text) => {
    expect(humanDuration(seconds * 1000)).toBe(text);
  });
});

describe('a JSON path', () => {
  const root = {
    spec: { region: 'eu', ports: [{ name: 'a' }, { name: 'b' }], 'a.b': 1 },
    status: {
      conditions: [
        { type: 'Synced', status: 'False' },
        { type: 'Ready', status: 'True', n: 3 },
      ],
    },
  };
  it.each([
    ['.spec.region', 'eu'],
    ['{.spec.region}', 'eu'],
    ['spec.region', 'eu'],
    ['.spec.ports[1].name', 'b'],
    ['.spec.ports[-1].name', 'b'],
    ['.spec.ports[*].name', 'a'],
    ['.spec.a\\.b', 1],
    [".spec['a.b']", 1],
    ['.status.conditions[?(@.type=="Ready")].status', 'True'],
    [".status.conditions[?(@.type=='Ready')].status", 'True'],
    ['.status.conditions[?(@.n==3)].type', 'Ready'],
    ['.status.conditions[?(@.type!="Synced")].type', 'Ready'],
    ['.status.conditions[?(@.type=="Nope")].status', undefined],
    ['.spec.toString', undefined],
    ['.spec.region.x', undefined],
    ['.spec.ports[?(@.name', undefined],
  ])('%s finds %s', (path, value) => {
    expect(compileJsonPath(path)(root)).toBe(value);
  });
});

const version = (columns: readonly PrinterColumn[]): ServedVersion => ({ name: 'v1', columns }) as unknown as ServedVersion;
const object = {
  apiVersion: 'example.com/v1',
  kind: 'Widget',
  metadata: { name: 'a', namespace: 'default', creationTimestamp: '2026-11-22T13:07:19Z' },
  spec: { color: 'red', replicas: 1.5, m: { x: 1 } },
} satisfies KubeObject;
const shown = { now: Date.parse('2026-11-22T13:07:20Z'), version: 'v1' } as const;

describe('a table', () => {
  it('shows name and age where a kind says nothing', () => {
    const columns = tableColumns(version([]));
    expect(columns.definitions.map(({ name, type, format, priority }) => ({ name, type, format, priority }))).toEqual([
      { name: 'Name', type: 'string', format: 'name', priority: 0 },
      { name: 'Age', type: 'date', format: '', priority: 0 },
    ]);
    expect(tableRow(columns, object, 'None', shown)).toEqual({ cells: ['a', '1s'] });
  });

  it('types its cells, and leaves those empty that find nothing', () => {
    const columns = tableColumns(
      version([
        { name: 'Color', type: 'string', jsonPath: '.spec.color' },
        { name: 'Replicas', type: 'integer', jsonPath: '.spec.replicas' },
        { name: 'Number', type: 'number', jsonPath: '.spec.replicas' },
        { name: 'Ready', type: 'boolean', jsonPath: '.status.ready', priority: 1 },
        { name: 'Map', type: 'string', jsonPath: '.spec.m' },
        { name: 'Wrong', type: 'integer', jsonPath: '.spec.color' },
        { name: 'Never', type: 'date', jsonPath: '.spec.color' },
      ]),
    );
    expect(columns.definitions[1]).toEqual({
      name: 'Color',
      type: 'string',
      format: '',
      description: 'Custom resource definition column (in JSONPath format): .spec.color',
      priority: 0,
    });
    expect(columns.definitions[4]?.priority).toBe(1);
    expect(tableRow(columns, object, 'None', shown).cells).toEqual(['a', 'red', 1, 1.5, null, '{"x":1}', null, '<invalid>']);
  });

  it('carries as much of the object as is asked for', () => {
    const columns = tableColumns(version([]));
    expect(tableRow(columns, object, 'Metadata', shown).object).toEqual({
      kind: 'PartialObjectMetadata',
      apiVersion: 'meta.k8s.io/v1',
      metadata: object.metadata,
    });
    expect(tableRow(columns, object, 'Object', shown).object).toBe(object);
  });

  it('is made ready once', () => {
    const v = version([]);
    expect(tableColumns(v)).toBe(tableColumns(v));
  });
});
