import { expect } from 'vitest';
import type { TributaryServer } from '../servers/tributary.ts';
import { untilTrue } from '../servers/tributary-until.ts';
import { expectSound } from './expect-sound.ts';
import { accountEvents, changesIn, readHistory } from './recorded-history.ts';
import { travelRestlessly, type Travels } from './restless-consumer.ts';
import { writeRestlessly } from './restless-writer.ts';
import type { SeededRandom } from './seeded-random.ts';
import { Storm } from './storm.ts';
import type { Rounds } from './cluster/rounds.ts';

export type Weather = {
  readonly random: SeededRandom;
  /** A round is a strike. */
  readonly rounds: Rounds;
  /** Kills whoever is to be killed. Absent: the server, which is started again, now and then after another kill while it starts. */
  readonly strike?: (storm: Storm) => Promise<void>;
};

const consumers = ['ada', 'bea', 'cleo'];
const writers = [
  { sender: 'pen', workspace: 'root:orgs' },
  { sender: 'quill', workspace: 'root:orgs' },
  { sender: 'reed', workspace: 'root:providers' },
];

/** Kills a server again and again while consumers and writers go on asking; then everything has to add up. The server is stopped at the end. */
export async function weatherStorm(server: TributaryServer, weather: Weather): Promise<void> {
  const storm = new Storm(server);
  const writing = writers.map(({ sender, workspace }) => writeRestlessly(storm, `writer-${sender}`, workspace));
  const travelling = consumers.map((sender) => travelRestlessly(storm, `consumer-${sender}`));
  const everyone = Promise.all([...writing, ...travelling]);
  // Whoever finds something lost ends the storm at once.
  await Promise.race([killAgainAndAgain(storm, weather), everyone]);
  storm.isOver = true;
  await everyone;
  const travels = await Promise.all(travelling);

  await expectStanding(storm, travels);
  await expectWatchTellsTheSame(storm, accountEvents(await readHistory(server.folder)));
  const { writes } = storm.ledger;
  const events = await expectSound(server, writes);

  const counted = Object.entries(Object.groupBy(writes, ({ outcome }) => outcome)).map(([outcome, list]) => `${list.length} ${outcome}`);
  const journeys = travels.reduce((sum, each) => sum + each.journeys, 0);
  console.log(`${storm.kills} kills, ${journeys} journeys, writes: ${counted.join(', ')}; ${events} events`);
  expect(storm.kills).toBeGreaterThanOrEqual(weather.rounds.least);
}

/** At random moments: among many writes, right after a consumer's write was acknowledged, and while it starts. */
async function killAgainAndAgain(storm: Storm, { random, rounds, strike }: Weather): Promise<void> {
  while (!storm.isOver && rounds.next()) {
    // Whoever strikes often does not wait for consumers, who wait for much.
    const [sender, count] = random.pick<[string, number]>(
      strike
        ? [['writer', random.between(1, 20)]]
        : [
            ['writer', random.between(1, 200)],
            ['consumer', random.between(1, 6)],
            ['consumer', 1],
          ],
    );
    const target = storm.ledger.acknowledged(sender) + count;
    await untilTrue(`${count} more writes of ${sender}s`, () => storm.ledger.acknowledged(sender) >= target, {
      pauseMs: 1,
      deadlineMs: 60_000,
    });
    if (strike) {
      await strike(storm);
      continue;
    }
    await storm.kill();
    if (random.next() < 0.2) await storm.killWhileStarting(random.between(1, 3));
    await storm.start();
  }
}

/** What was ordered and not taken back is delivered. */
async function expectStanding(storm: Storm, travels: readonly Travels[]): Promise<void> {
  const standing = travels.flatMap((each) => each.standing);
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
    expect(expected.length).toBeGreaterThan(20);
    const watching = server.client.watch(`/clusters/${workspace}/apis/ui.platform-mesh.io/v1alpha1/providermetadatas`, '1');
    const events = await watching.until(`${expected.length} events`, (seen) => seen.length >= expected.length);
    watching.close();
    expect(events.map(({ type, object }) => `${type} ${object.metadata.name} ${object.metadata.resourceVersion}`)).toEqual(expected);
  }
}
