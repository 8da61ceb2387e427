import { platform } from 'node:os';
import { afterAll, beforeEach, test } from 'vitest';
import { compileCache } from '../servers/tributary-role.ts';
import { startTributary, type TributaryServer } from '../servers/tributary.ts';
import { until } from '../servers/tributary-until.ts';
import { childrenOf, signal } from './cluster/database-processes.ts';
import { Rounds } from './cluster/rounds.ts';
import { SeededRandom } from './seeded-random.ts';
import type { Storm } from './storm.ts';
import { weatherStorm } from './weather-storm.ts';

const rounds = new Rounds('DATABASE_KILLS', { most: 120, seconds: 40 });
const random = SeededRandom.fromEnvironment('KILL_SEED');
let server: TributaryServer | undefined;

beforeEach(({ onTestFailed }) => onTestFailed(() => console.error(`KILL_SEED=${random.seed}\n${server?.logs}`)));
afterAll(() => server?.remove());

/** The whole database, or one of its processes: it ends then, and the server starts it again. */
async function strikeDatabase(storm: Storm): Promise<void> {
  await until('there is a database to kill', async () => {
    const postmaster = await storm.server.databasePid();
    if (postmaster === undefined) return undefined;
    const children = childrenOf(postmaster).map(({ pid }) => pid);
    const victim = random.pick([postmaster, ...(random.next() < 0.3 ? [] : children)]);
    return signal(victim, 'SIGKILL') || undefined;
  });
  storm.kills += 1;
}

test.skipIf(platform() !== 'linux')(
  `the embedded database killed up to ${rounds.most} times under load: nothing is lost, nothing doubled, and every journey goes on (Linux only)`,
  async () => {
    server = await startTributary({ env: compileCache });
    await weatherStorm(server, { random, rounds, strike: strikeDatabase });
  },
);
