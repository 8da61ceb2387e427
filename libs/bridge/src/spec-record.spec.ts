import { expect, test } from 'vitest';
import { decodeHeaders } from '#provider-sdk';
import { specRecord } from './spec-record.ts';
import { thingEvent, thingsBound } from './testing/given.ts';

const of = (event: Parameters<typeof specRecord>[1]['event']) => specRecord('mesh', { cluster: 'acc', id: 'e-1', event });

test.each(['ResourceDeclared', 'SpecRevised', 'MetadataRevised'] as const)(
  "%s sends the whole desired object, without what is the mesh's own",
  (type) => {
    const record = of(thingEvent(type, { position: 12, generation: 3 }));
    expect(record).toMatchObject({ topic: 'mesh.things.example.io.things.spec', key: 'acc/u1' });
    expect(JSON.parse(record?.value ?? '')).toEqual({
      apiVersion: 'things.example.io/v1',
      kind: 'Thing',
      metadata: { name: 'u1', namespace: 'default', uid: 'u1', generation: 3, labels: { a: 'b' } },
      spec: { size: 's' },
    });
    expect(decodeHeaders(record?.headers ?? {})).toEqual({
      id: 'e-1',
      source: '/clusters/acc',
      type,
      subject: 'things.things.example.io/default/u1',
      time: '2026-01-01T00:00:00.000Z',
      sequence: '00000000000000000012',
      dataschema: '/clusters/prov/openapi/v3/apis/things.example.io/v1',
    });
  },
);

test('numbers of 64 bits go out as they came in', () => {
  const event = thingEvent('ResourceDeclared');
  if (!('object' in event)) throw new TypeError('it has an object');
  const record = of({ ...event, object: { ...event.object, spec: { size: 9_007_199_254_740_993n } } });
  expect(record?.value).toContain('"spec":{"size":9007199254740993}');
});

test('a requested deletion sends the object with its deletionTimestamp, a removal the tombstone', () => {
  expect(JSON.parse(of(thingEvent('DeletionRequested', { deleted: true }))?.value ?? '')).toMatchObject({
    metadata: { deletionTimestamp: '2026-01-02T00:00:00Z' },
  });
  expect(of(thingEvent('ResourceRemoved', { position: 9 }))).toMatchObject({
    key: 'acc/u1',
    value: null,
    headers: { ce_sequence: '00000000000000000009' },
  });
});

test("what the provider said itself, what is the mesh's own and what is no object goes to nobody", () => {
  expect(of(thingEvent('StatusReported'))).toBeUndefined();
  expect(of(thingEvent('ResourceDeclared', { own: true }))).toBeUndefined();
  expect(of(thingsBound())).toBeUndefined();
});
