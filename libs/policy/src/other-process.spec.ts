import { afterAll, beforeAll, expect, it } from 'vitest';
import { MemoryEventLog } from '#stream';
import { House } from '#workspace';
import { aHouse } from './testing/a-house.ts';

/** Answers what is asked, and tells nobody of anything by itself. */
class UntoldLog extends MemoryEventLog {
  readonly untold: MemoryEventLog = new Proxy(this, {
    get: (log, name) =>
      name === 'subscribeAll'
        ? async function* (_: bigint, signal: AbortSignal) {
            await new Promise((resolve) => signal.addEventListener('abort', resolve));
          }
        : typeof log[name as keyof this] === 'function'
          ? (log[name as keyof this] as () => unknown).bind(log)
          : log[name as keyof this],
  });
}

const log = new UntoldLog();
let mesh: Awaited<ReturnType<typeof aHouse>>;
let other: House;

beforeAll(async () => {
  mesh = await aHouse(log);
  other = new House({ log: log.untold, soleWriter: false, publicUrl: 'https://mesh.test', offers: async () => [] });
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
