import { afterAll, beforeAll, expect, it } from 'vitest';
import { MemoryEventLog, type EventLog } from '#stream';
import { House } from '#workspace';
import { aHouse } from './testing/a-house.ts';

/** Answers what is asked, and tells nobody of anything by itself. */
const untold = (log: MemoryEventLog): EventLog => ({
  append: (...call) => log.append(...call),
  settle: () => log.settle(),
  readStream: (...call) => log.readStream(...call),
  readAll: (...call) => log.readAll(...call),
  subscribeStream: (...call) => log.subscribeStream(...call),
  behind: (...call) => log.behind(...call),
  subscribeAll: (_, signal) => log.subscribeStream('nobody', 0n, signal),
  head: (stream) => log.head(stream),
  headOfAll: () => log.headOfAll(),
  truncate: (...call) => log.truncate(...call),
});

const log = new MemoryEventLog();
let mesh: Awaited<ReturnType<typeof aHouse>>;
let other: House;

beforeAll(async () => {
  mesh = await aHouse(log);
  other = new House({ log: untold(log), soleWriter: false, publicUrl: 'https://mesh.test', offers: async () => [] });
});
afterAll(async () => {
  await other.close();
  await mesh.stop();
});

it('finds by its path an account that another process has deleted and ordered again, at once', async () => {
  const orgs = await mesh.at('root:orgs');
  const order = { metadata: { name: 'acme' }, spec: { type: 'org' } };
  await orgs.create('accounts', order);
  await orgs.ready('accounts', 'acme');
  const first = await other.open('root:orgs:acme');
  expect(first?.path).toBe('root:orgs:acme');
  await orgs.delete('accounts', 'acme');
  await orgs.gone('accounts', 'acme');
  await orgs.create('accounts', order);
  await orgs.ready('accounts', 'acme');
  const second = await other.open('root:orgs:acme');
  expect(second?.path).toBe('root:orgs:acme');
  expect(second?.cluster).not.toBe(first?.cluster);
});
