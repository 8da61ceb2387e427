import { afterEach, expect, it } from 'vitest';
import { openWorkspace } from '#account';
import { MemoryEventLog } from '#stream';
import { House } from './house.ts';
import { namespaces } from './kinds/tenancy-kinds.ts';
import { ada, openRoot } from './testing/open-root.ts';

/** Counts who follows the whole log, and how often it was read where a stream ends. */
class FollowedLog extends MemoryEventLog {
  followers = 0;

  override async *subscribeAll(after: bigint, signal: AbortSignal) {
    this.followers++;
    try {
      yield* super.subscribeAll(after, signal);
    } finally {
      this.followers--;
    }
  }
}

const houses: House[] = [];
afterEach(async () => {
  for (const house of houses.splice(0)) await house.close();
});

async function given() {
  const log = new FollowedLog();
  const writer = await openRoot({ log });
  const reader = new House({ log, soleWriter: false, publicUrl: 'https://mesh.test', offers: async () => [] });
  houses.push(writer.house, reader);
  const write = { version: 'v1', author: ada, dryRun: false, fieldValidation: 'Strict' as const, duplicateFields: [] };
  const create = (name: string) =>
    writer.workspace.create({
      ...write,
      kind: namespaces,
      namespace: '',
      body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name } },
    });
  return { log, reader, create };
}

const watched = { kind: namespaces, version: 'v1', namespace: '' };

it('follows nothing while nobody watches, and reads what others wrote all the same', async () => {
  const { log, reader, create } = await given();
  await reader.open('root');
  await create('a');
  const root = await reader.open('root');
  const listed = await root?.list(watched);
  expect(listed?.type === 'listed' && listed.items.map(({ name }) => name)).toContain('a');
  expect(log.followers).toBe(0);
});

it('tells whoever watches of everything, whoever wrote it and whenever he came, and follows nothing when he has gone', async () => {
  const { log, reader, create } = await given();
  const root = await reader.open('root');
  for (let round = 0; round < 3; round++) {
    const seen: string[] = [];
    const sink = {
      events: (events: readonly { object: { name: string } }[]) => void seen.push(...events.map(({ object }) => object.name)),
      ended: () => undefined,
    };
    const beginning = root?.watch({ ...watched, after: root.position() }, sink);
    const names = Array.from({ length: 5 }, (_, index) => `n-${round}-${index}`);
    for (const name of names) await create(name);
    const watching = await beginning;
    await expect.poll(() => seen.filter((name) => name.startsWith(`n-${round}-`)), { timeout: 20_000 }).toEqual(names);
    if (watching?.type === 'watching') watching.stop();
    // Unwatched in between: what comes now is for the next one to find.
    await create(`between-${round}`);
  }
  await expect.poll(() => log.followers, { timeout: 20_000 }).toBe(0);
});

it.each([{ when: 'first' }, { when: 'while others did already' }])(
  'tells those who began to watch $when of what nobody was told',
  async ({ when }) => {
    const { reader, create } = await given();
    const account = await reader.accounts.account('root');
    if (when !== 'first') {
      const elsewhere = await reader.accounts.account('elsewhere');
      elsewhere.follow(() => undefined);
      const opening = { cluster: 'elsewhere', path: 'root:elsewhere', owner: null, furniture: [], by };
      await elsewhere.submit((state) => openWorkspace(opening, state));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await create('untold');
    const told: string[] = [];
    account.follow((news) => void told.push(...news.flatMap(({ effect }) => (effect ? [effect.after.name] : []))));
    await expect.poll(() => told, { timeout: 20_000 }).toEqual(['untold']);
  },
);

const by = { user: 'ada', userAgent: 'spec', fieldManager: 'spec', at: '2026-01-01T00:00:00.000Z', cause: 'spec' };
