import { randomInt } from 'node:crypto';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { prepareTributary, startTributary, type TributaryServer } from '../servers/tributary.ts';
import { untilTrue } from '../servers/tributary-until.ts';
import { accountEvents, changesIn, faultsOfLives, faultsOfPlaces, faultsOfWrites, readHistory } from './recorded-history.ts';
import { travelRestlessly, type Travels } from './restless-consumer.ts';
import { writeRestlessly } from './restless-writer.ts';
import { SeededRandom } from './seeded-random.ts';
import { Storm } from './storm.ts';

// Play a failed run again with KILL_SEED=<the seed that it printed>.
const seed = Number(process.env['KILL_SEED'] ?? randomInt(2 ** 31));
const random = new SeededRandom(seed);
const killsMin = 25;
const consumers = ['ada', 'bea', 'cleo'];
const writers = [
  { sender: 'pen', workspace: 'root:orgs' },
  { sender: 'quill', workspace: 'root:orgs' },
  { sender: 'reed', workspace: 'root:providers' },
];

const servers: TributaryServer[] = [];
beforeEach(({ onTestFailed }) => {
  onTestFailed(() => console.error(`seed ${seed}\n${servers.map(({ logs }) => logs).join('\n---\n')}`));
});
afterAll(async () => {
  for (const server of servers) await server.remove();
});

test('killed while it prepares for the first time, it prepares when it is started again', async () => {
  const server = await prepareTributary();
  servers.push(server);
  const storm = new Storm(server);
  for (const lines of [1, 2, 3]) await storm.killWhileStarting(lines);
  await storm.start();
  expect(await server.client.get('/clusters/root:orgs/apis/core.platform-mesh.io/v1alpha1/accounts')).toMatchObject({
    kind: 'AccountList',
    items: [],
  });
  expect(faultsOfPlaces(await readHistory(server.folder))).toEqual([]);
  expect(await server.stop()).toEqual({ code: 0, signal: null });
});

test(`killed ${killsMin} times under load, it loses nothing, doubles nothing, and every journey goes on`, async () => {
  console.log(`KILL_SEED=${seed}`);
  const server = await startTributary();
  servers.push(server);
  const storm = new Storm(server);
  const writing = writers.map(({ sender, workspace }) => writeRestlessly(storm, `writer-${sender}`, workspace));
  const travelling = consumers.map((sender) => travelRestlessly(storm, `consumer-${sender}`));
  const everyone = Promise.all([...writing, ...travelling]);
  // Whoever finds something lost ends the storm at once.
  await Promise.race([killAgainAndAgain(storm), everyone]);
  storm.isOver = true;
  await everyone;
  const travels = await Promise.all(travelling);

  await expectStanding(storm, travels);
  const history = await readHistory(server.folder);
  expect(faultsOfPlaces(history)).toEqual([]);
  const changes = changesIn(accountEvents(history));
  expect(faultsOfLives(changes)).toEqual([]);
  const { writes } = storm.ledger;
  expect(faultsOfWrites(writes, changes)).toEqual([]);
  await expectWatchTellsTheSame(storm, accountEvents(history));
  expect(await server.stop()).toEqual({ code: 0, signal: null });

  const counted = Object.entries(Object.groupBy(writes, ({ outcome }) => outcome)).map(([outcome, list]) => `${list.length} ${outcome}`);
  console.log(
    `${storm.kills} kills, ${travels.reduce((sum, { journeys }) => sum + journeys, 0)} journeys, writes: ${counted.join(', ')}; ${history.length} events`,
  );
  expect(storm.kills).toBeGreaterThanOrEqual(killsMin);
});

/** At random moments: among many writes, right after a consumer's write was acknowledged, and while it starts. */
async function killAgainAndAgain(storm: Storm): Promise<void> {
  while (storm.kills < killsMin && !storm.isOver) {
    const [sender, count] = random.pick<[string, number]>([
      ['writer', random.between(1, 200)],
      ['consumer', random.between(1, 6)],
      ['consumer', 1],
    ]);
    const target = storm.ledger.acknowledged(sender) + count;
    await untilTrue(`${count} more writes of ${sender}s`, () => storm.ledger.acknowledged(sender) >= target, {
      pauseMs: 1,
      deadlineMs: 60_000,
    });
    await storm.kill();
    if (random.next() < 0.2) await storm.killWhileStarting(random.between(1, 3));
    await storm.start();
  }
}

/** What was ordered and not taken back is delivered. */
async function expectStanding(storm: Storm, travels: readonly Travels[]): Promise<void> {
  const standing = travels.flatMap((each) => each.standing);
  expect(standing.length).toBeGreaterThan(0);
  for (const { path, name } of standing) {
    await untilTrue(`${path} answers`, async () => {
      const { status } = await storm.server.client.get(path);
      const body = (await fetch(status?.url ?? '').then((answer) => answer.json())) as {
        readonly name: string;
        readonly generation: number;
      };
      return body.name === name && body.generation === 2;
    });
  }
}

/** A watch from the beginning tells what the log holds, event by event. */
async function expectWatchTellsTheSame({ server }: Storm, recorded: ReturnType<typeof accountEvents>): Promise<void> {
  for (const workspace of new Set(writers.map((writer) => writer.workspace))) {
    const stream = recorded.find(({ event }) => event.type === 'WorkspaceOpened' && event.path === workspace)?.place.stream;
    const expected = changesIn(recorded)
      .filter(({ place, event }) => place.stream === stream && event.key.resource === 'providermetadatas')
      .map(({ event: { type, object } }) => {
        const word = type === 'ResourceDeclared' ? 'ADDED' : type === 'ResourceRemoved' ? 'DELETED' : 'MODIFIED';
        return `${word} ${object.metadata.name} ${object.metadata.resourceVersion}`;
      });
    expect(expected.length).toBeGreaterThan(100);
    const watching = server.client.watch(`/clusters/${workspace}/apis/ui.platform-mesh.io/v1alpha1/providermetadatas`, '1');
    const events = await watching.until(`${expected.length} events`, (seen) => seen.length >= expected.length);
    watching.close();
    expect(events.map(({ type, object }) => `${type} ${object.metadata.name} ${object.metadata.resourceVersion}`)).toEqual(expected);
  }
}
