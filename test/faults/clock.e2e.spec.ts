import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterAll, beforeAll, beforeEach, onTestFinished, test } from 'vitest';
import { FaultyMachine } from '../servers/faulty-machine/faulty-machine.ts';
import type { Served } from '../servers/tributary-client.ts';
import { compileCache } from '../servers/tributary-role.ts';
import { bindDemo, openWorkspace } from '../servers/tributary-workspace.ts';
import { startTributary, type TributaryServer } from '../servers/tributary.ts';
import { until, untilTrue } from '../servers/tributary-until.ts';
import { RecordedRun } from './cluster/recorded-run.ts';
import { expectSound } from './expect-sound.ts';
import { accountEvents, changesIn, readHistory } from './recorded-history.ts';
import { SeededRandom } from './seeded-random.ts';

const [hour, day] = [3_600, 86_400];
const random = SeededRandom.fromEnvironment('CLOCK_SEED');
const machine = await FaultyMachine.start();
let server: TributaryServer;
let workspace: string;

beforeAll(async () => {
  if (!machine) return;
  server = await startTributary({ env: { ...machine.env, ...compileCache } });
  workspace = await openWorkspace(server, 'clocks');
  await bindDemo(server, workspace);
});
beforeEach(({ onTestFailed }) => onTestFailed(() => console.error(`CLOCK_SEED=${random.seed}\n${server?.logs}`)));
afterAll(async () => {
  await server?.remove();
  await machine?.remove();
});

const skipped = '(skipped without Linux and a C compiler)';

test.skipIf(!machine)(`the clock is set forth and back under load: every history is as if nothing had been ${skipped}`, async () => {
  const { client } = server;
  const run = new RecordedRun({
    workspace: 'root:orgs:clocks',
    random,
    clients: [client, client],
    followedBy: [() => client, () => client, () => client],
  });
  run.begin();
  const begun = performance.now();
  do {
    for (const ahead of [hour, -hour, day, -day, 0]) {
      machine!.setClock(ahead);
      await run.moreWrites(10);
    }
    // Until every watch has ended in its time, and begun again.
  } while (performance.now() - begun < 7_000);
  const judge = await run.end();
  const recorded = accountEvents(await readHistory(server.folder));
  const stream = recorded.find(({ event }) => event.type === 'WorkspaceOpened' && event.path === 'root:orgs:clocks')?.place.stream;
  judge(changesIn(recorded).filter(({ place }) => place.stream === stream));
});

test.skipIf(!machine)(
  `a provider that starts when its clock was set back is heard: what is changed is delivered, what is deleted goes ${skipped}`,
  async () => {
    const { client } = server;
    const bins = `${workspace}/apis/orchestrate.platform-mesh.io/v1alpha1/namespaces/default/httpbins`;
    const order = (name: string): Promise<Served> =>
      client.expect('POST', bins, {
        body: { apiVersion: 'orchestrate.platform-mesh.io/v1alpha1', kind: 'HttpBin', metadata: { name }, spec: { region: 'eu-west' } },
      });
    const change = (name: string, region: string): Promise<Served> =>
      client.expect('PATCH', `${bins}/${name}`, { body: { spec: { region } }, contentType: 'application/merge-patch+json' });
    const delivered = (name: string, generation: number): Promise<true> =>
      until(`${name} is delivered as generation ${generation}`, async () => {
        const { status } = await client.get(`${bins}/${name}`);
        const ready = status?.conditions?.find(({ type }) => type === 'Ready');
        return status?.observedGeneration === generation && ready?.status === 'True' ? true : undefined;
      });
    const urlOf = async (name: string): Promise<string> => {
      const { url } = (await client.get(`${bins}/${name}`)).status as { url?: string };
      return url ?? '';
    };
    for (const name of ['changed', 'deleted', 'kept']) {
      await order(name);
      await delivered(name, 1);
    }

    const before = await urlOf('kept');
    await server.stop();
    // Whoever else listens there by now: it will be served elsewhere, though nobody has ordered anything.
    const stranger = createServer((socket) => void socket.destroy()).listen(Number(new URL(before).port), '127.0.0.1');
    onTestFinished(() => void stranger.close());
    await once(stranger, 'listening');
    machine!.setClock(-day);
    await server.start();
    await until('its status says where it is served now', async () => {
      const url = await urlOf('kept');
      const answer = url === before ? undefined : await fetch(url);
      await answer?.body?.cancel();
      return answer?.ok ? true : undefined;
    });
    await change('changed', 'us-east');
    await delivered('changed', 2);
    await client.expect('DELETE', `${bins}/deleted`);
    await untilTrue('it is gone', async () => (await client.find(`${bins}/deleted`)) === undefined);
    await order('new');
    await delivered('new', 1);

    machine!.setClock(day);
    await change('changed', 'eu-west');
    await delivered('changed', 3);
    machine!.setClock(0);
    await change('new', 'us-east');
    await delivered('new', 2);
    await expectSound(server, []);
  },
);
