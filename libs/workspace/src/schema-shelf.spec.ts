import { expect, it } from 'vitest';
import { MemoryEventLog } from '#stream';
import { collect } from '#testing/stream';
import { SchemaShelf } from './schema-shelf.ts';

const hash = '1aaaf5bae75cf7bdc0b24a4a6edcc9a91b5b5e0d5e6a4f9f7b3d0c2d1e0f9a8b';

/** As it stands in logs that were written since the beginning: never to be changed. */
const golden =
  '{"type":"SchemaPublished","schema":{"group":"demo.test","names":{"plural":"gadgets","kind":"Gadget"},"scope":"Namespaced","versions":[{"name":"v1","served":true,"storage":true,"schema":{"type":"object","properties":{"spec":{"type":"object","properties":{"size":{"type":"integer"}}}}}}]}}';

it('reads a schema that was published by any release before, and publishes it in the same form', async () => {
  const log = new MemoryEventLog();
  await log.append(`schema-${hash}`, -1n, [{ id: crypto.randomUUID(), type: 'SchemaPublished', data: golden }]);
  const shelf = new SchemaShelf(log);
  await shelf.ensure([hash]);
  expect(shelf.get(hash)).toMatchObject({ group: 'demo.test', resource: 'gadgets', kind: 'Gadget', namespaced: true });
  const other = new MemoryEventLog();
  const { schema } = JSON.parse(golden) as { readonly schema: Parameters<SchemaShelf['publish']>[0] };
  const published = await new SchemaShelf(other).publish(schema);
  const written = await collect(other.readAll(0n));
  expect(written.map(({ stream, type, data }) => [stream, type, data])).toEqual([[`schema-${published}`, 'SchemaPublished', golden]]);
  expect(published).toMatch(/^[0-9a-f]{64}$/);
});
