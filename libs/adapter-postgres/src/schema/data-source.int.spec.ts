import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { View } from '#projection';
import { testPostgres } from '../testing/test-postgres.ts';
import { PostgresViewStore } from '../views/postgres-view-store.ts';
import { openDataSource, poolOf } from './data-source.ts';

/** What PostgreSQL says last when its first process was killed. https://www.postgresql.org/docs/current/protocol-message-formats.html */
const farewell = (() => {
  const fields = ['SFATAL', 'VFATAL', 'C57P01', 'Mterminating connection due to unexpected postmaster exit', ''];
  const body = Buffer.from(`${fields.join('\0')}\0`);
  const head = Buffer.alloc(5);
  head.write('E');
  head.writeUInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
})();

/** `ReadyForQuery`, at the end of every answer. */
const ready = Buffer.from([0x5a, 0, 0, 0, 5]);

/** A way to a server that, while it is `leaving`, goes in the same breath in which it says that it is ready. */
async function wayTo(url: string) {
  const target = new URL(url);
  const way = { url: '', leaving: false, left: 0 };
  const server = createServer((near) => {
    const far = connect(Number(target.port), target.hostname);
    for (const each of [near, far]) each.on('error', () => undefined);
    near.on('data', (bytes) => far.write(bytes)).on('close', () => far.destroy());
    far.on('close', () => near.destroy());
    far.on('data', (bytes) => {
      if (!way.leaving || !bytes.subarray(-6, -1).equals(ready)) return near.write(bytes);
      way.left += 1;
      return near.end(Buffer.concat([bytes, farewell]));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const changed = new URL(url);
  changed.port = `${(server.address() as AddressInfo).port}`;
  return Object.assign(way, { url: changed.href });
}

async function given() {
  const { url } = await testPostgres();
  const way = await wayTo(url);
  const dataSource = await openDataSource(way.url, 4);
  onTestFinished(() => dataSource.destroy());
  const uncaught: unknown[] = [];
  const note = (error: unknown): void => void uncaught.push(error);
  process.on('uncaughtException', note);
  onTestFinished(() => void process.off('uncaughtException', note));
  return { way, dataSource, uncaught };
}

describe('a server that goes in the moment in which it is ready', () => {
  it('is an error of the question, and never the end of the process', async () => {
    const { way, dataSource, uncaught } = await given();
    way.leaving = true;
    for (let round = 0; round < 5; round += 1)
      await Promise.allSettled([
        ...Array.from({ length: 8 }, () => dataSource.query('SELECT 1')),
        ...Array.from({ length: 8 }, () => poolOf(dataSource).query('SELECT 1')),
      ]);
    expect(way.left).toBeGreaterThan(8);
    way.leaving = false;
    await expect.poll(() => dataSource.query('SELECT 1 AS one').catch(() => undefined)).toEqual([{ one: 1 }]);
    expect(uncaught).toEqual([]);
  });

  it('is the same between two statements of a transaction', async () => {
    const { way, dataSource, uncaught } = await given();
    const view: View = { table: 'resources', key: ['uid'], concerns: () => true, changes: () => [] };
    const store = new PostgresViewStore(dataSource);
    const { epoch } = await store.lead(view.table);
    way.leaving = true;
    // Two steps, which take a transaction of several statements.
    const changes = ['a', 'b'].map((name) => ({ type: 'drop', where: { cluster: name } }) as const);
    await expect(store.apply(view, changes, { epoch, position: 1n })).rejects.toThrow();
    expect(way.left).toBeGreaterThan(0);
    expect(uncaught).toEqual([]);
  });
});
