import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { isDeepStrictEqual } from 'node:util';
import { KafkaChannel, KafkaProviderChannel } from '#adapter-kafka';
import { newOrderKey, runProvider, type WireRecord } from '#provider-sdk';
import { silentLogger } from '#telemetry';
import { testKafka, type TestKafka } from '../servers/kafka.ts';
import type { Served } from '../servers/tributary-client.ts';
import { startTributary, type TributaryServer } from '../servers/tributary.ts';
import { until, untilTrue } from '../servers/tributary-until.ts';
import { door, doorGroup, doorsOf, offerDoors } from './doors.ts';
import { condition, GadgetMaker } from './gadget-maker.ts';
import { bindGadgets, bindingsOf, bindingTo, gadget, gadgetGroup, gadgetsOf, offerGadgets, openAccount } from './gadgets.ts';
import { conditionOf, current, failed, inProgress, verdictsOn, type Verdicts } from './tool-verdicts.ts';

const org = 'root:orgs:health';
const gadgets = gadgetsOf(org);
const httpBins = `/clusters/${org}/apis/orchestrate.platform-mesh.io/v1alpha1/namespaces/default/httpbins`;
const prefix = `faults-${crypto.randomUUID().slice(0, 8)}`;
let kafka: TestKafka;
let server: TributaryServer;
let maker: GadgetMaker;
let cluster: string;

beforeAll(async () => {
  kafka = await testKafka();
  server = await startTributary({ env: { KAFKA_BROKERS: kafka.brokers.join(','), TRIBUTARY_TOPIC_PREFIX: prefix } });
  const { client } = server;
  await offerGadgets(client);
  await openAccount(client, { parent: 'root:orgs', name: 'health', type: 'org' });
  await bindGadgets(client, org);
  await client.expect('POST', bindingsOf(org), { body: bindingTo('httpbin', 'root:providers:httpbin', 'orchestrate.platform-mesh.io') });
  cluster = String((await client.get('/clusters/root:orgs/apis/core.platform-mesh.io/v1alpha1/accounts/health')).status?.['cluster']);
  maker = new GadgetMaker(kafka.brokers, prefix);
});
afterAll(async () => {
  await maker?.close();
  await server?.remove();
  await kafka?.stop();
});
beforeEach(({ onTestFailed }) => onTestFailed(() => console.error(server?.logs)));

const order = (name: string): Promise<Served> => server.client.expect('POST', gadgets, { body: gadget(name) });
const read = (name: string): Promise<Served> => server.client.get(`${gadgets}/${name}`);
const resize = (name: string): Promise<Served> =>
  server.client.expect('PATCH', `${gadgets}/${name}`, { body: { spec: { size: 'large' } }, contentType: 'application/merge-patch+json' });

/** The object once it carries this note, which came with a report. */
function noted(name: string, note: string): Promise<Served> {
  return until(`${name} is noted as ${note}`, async () => {
    const object = await read(name);
    return object.status?.['note'] === note ? object : undefined;
  });
}

function expectVerdicts(object: Served, verdicts: Verdicts): void {
  expect({ status: object.status, ...verdictsOn(object) }).toEqual({ status: object.status, ...verdicts });
}

const reasonOf = (object: Served, type: string): string | undefined => {
  const found = conditionOf(object, type);
  return found && `${found.status}/${found.reason}`;
};

describe('what status says at every moment, and what tools make of it', () => {
  test('created: in progress from the very event of its creation', async () => {
    const created = await order('row');
    expect(created.status).not.toHaveProperty('observedGeneration');
    expect([reasonOf(created, 'Ready'), reasonOf(created, 'Reconciling')]).toEqual(['Unknown/WaitingForProvider', 'True/Accepted']);
    expectVerdicts(created, inProgress);
    const watching = server.client.watch(gadgets, String(BigInt(created.metadata.resourceVersion) - 1n));
    const [added] = await watching.until('its creation', (events) => events.length > 0);
    watching.close();
    expect(added).toEqual({ type: 'ADDED', object: created });
  });

  test('answered: current, and no longer reconciling', async () => {
    const created = await read('row');
    const conditions = [condition('Ready', 'True', 'Made'), condition('Painted', 'True', 'Blue')];
    await maker.report(cluster, created, { status: { note: 'made', conditions } });
    const answered = await noted('row', 'made');
    expect(answered.status?.observedGeneration).toBe(1);
    expect(conditionOf(answered, 'Reconciling')).toBeUndefined();
    expect(conditionOf(answered, 'Ready')?.observedGeneration).toBe(1);
    expectVerdicts(answered, current);
  });

  test('changed: in progress again in the very event of the change, while the provider’s other conditions stay', async () => {
    const changed = await resize('row');
    expect([changed.metadata.generation, changed.status?.observedGeneration]).toEqual([2, 1]);
    expect([reasonOf(changed, 'Ready'), reasonOf(changed, 'Reconciling'), reasonOf(changed, 'Painted')]).toEqual([
      'Unknown/WaitingForProvider',
      'True/SpecChanged',
      'True/Blue',
    ]);
    expectVerdicts(changed, inProgress);
  });

  test('answered for an older generation: shown, but not current', async () => {
    await maker.report(cluster, await read('row'), {
      observedGeneration: 1,
      status: { note: 'late', conditions: [condition('Ready', 'True', 'Made')] },
    });
    const late = await noted('row', 'late');
    expect([late.status?.observedGeneration, reasonOf(late, 'Ready')]).toEqual([1, 'Unknown/WaitingForProvider']);
    expectVerdicts(late, inProgress);
  });

  test('answered as not ready yet: in progress', async () => {
    await maker.report(cluster, await read('row'), { status: { note: 'busy', conditions: [condition('Ready', 'False', 'Making')] } });
    expectVerdicts(await noted('row', 'busy'), inProgress);
  });

  test('answered for the new generation: current', async () => {
    await maker.report(cluster, await read('row'), { status: { note: 'remade', conditions: [condition('Ready', 'True', 'Made')] } });
    const answered = await noted('row', 'remade');
    expect(answered.status?.observedGeneration).toBe(2);
    expectVerdicts(answered, current);
  });

  test('failed for good: failed', async () => {
    const conditions = [condition('Ready', 'False', 'NoSteel'), condition('Stalled', 'True', 'NoSteel')];
    await maker.report(cluster, await read('row'), { status: { note: 'stuck', conditions } });
    expectVerdicts(await noted('row', 'stuck'), failed);
  });

  test('deleted: terminating until the provider lets go', async () => {
    const { client } = server;
    const leaving = await client.expect('DELETE', `${gadgets}/row`);
    expect(verdictsOn(leaving).kstatus).toBe('Terminating');
    await until('the provider hears of it', () =>
      maker.newest(leaving.metadata.uid)?.metadata.deletionTimestamp === undefined ? undefined : true,
    );
    expect((await read('row')).metadata.finalizers).toEqual(['tributary.io/provider-release']);
    await maker.report(cluster, leaving, { released: true });
    await untilTrue('it is gone', async () => (await client.find(`${gadgets}/row`)) === undefined);
    await until('its tombstone is there', () => (maker.newest(leaving.metadata.uid) === null ? true : undefined));
  });

  test('a provider that never answers is never current', async () => {
    const { client } = server;
    const instance = {
      apiVersion: 'orchestrate.platform-mesh.io/v1alpha1',
      kind: 'HttpBin',
      metadata: { name: 'silent' },
      spec: { region: 'eu-west' },
    };
    await client.expect('POST', httpBins, { body: instance });
    const label = { body: { metadata: { labels: { a: 'b' } } }, contentType: 'application/merge-patch+json' };
    await client.expect('PATCH', `${httpBins}/silent`, label);
    const change = { body: { spec: { region: 'us-east' } }, contentType: 'application/merge-patch+json' };
    await client.expect('PATCH', `${httpBins}/silent`, change);
    const history = client.watch(httpBins, '1');
    const events = await history.until('all three steps', (seen) => seen.length === 3);
    history.close();
    for (const { object } of events) expectVerdicts(object, inProgress);
  });
});

describe('providers that misbehave', () => {
  /** Reports that were parked, with why. */
  async function parked(): Promise<readonly string[]> {
    const channel = new KafkaChannel({ brokers: kafka.brokers, prefix, clientId: 'parked-reader', logger: silentLogger });
    try {
      return (await channel.parked()).map(({ reason }) => reason);
    } finally {
      await channel.close();
    }
  }

  test('garbage is parked with its reason, changes nothing, and holds nobody else up', async () => {
    const victim = await order('victim');
    const key = `${cluster}/${victim.metadata.uid}`;
    const others = await Promise.all(['wrong-type', 'from-the-future'].map(order));
    const [wrongType, future] = others as [Served, Served];
    await maker.send(key, 'garbage');
    await maker.send(null, 'no key');
    await maker.send('no key of ours', '{}');
    await maker.report(cluster, wrongType, { status: { note: 7 } });
    await maker.report(cluster, future, { observedGeneration: 99, status: { note: 'early' } });
    const bystander = await order('bystander');
    await maker.report(cluster, bystander, { status: { note: 'fine', conditions: [condition('Ready', 'True', 'Made')] } });
    expectVerdicts(await noted('bystander', 'fine'), current);
    const reasons = await until('all that have a key are parked', async () => {
      const found = await parked();
      return found.length >= 4 ? found : undefined;
    });
    expect(reasons).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^not JSON: /),
        expect.stringMatching(/status\.note: Invalid value: "integer": status\.note in body must be of type string: "integer"/),
        'observedGeneration 99 is not one of 1 to 1',
        'the key is not <account>/<uid>',
      ]),
    );
    for (const object of [victim, wrongType, future]) expect(await read(object.metadata.name)).toEqual(object);
  });

  test('after a parked report later ones of the same instance are parked, too: order is kept', async () => {
    const victim = await read('victim');
    await maker.report(cluster, victim, { status: { note: 'after', conditions: [] } });
    await untilTrue('it is parked', async () => (await parked()).includes('an earlier report of this key is parked'));
    expect(await read('victim')).toEqual(victim);
  });

  test('a report on a stranger’s object is not applied, nor one on an object that never was', async () => {
    const { client } = server;
    const stranger = await client.get(`${httpBins}/silent`);
    await maker.report(cluster, stranger, { status: { ready: true, conditions: [condition('Ready', 'True', 'Mine')] } });
    await maker.report('nobodyscluster01', stranger, { status: { ready: true } });
    await untilTrue('it is parked', async () =>
      (await parked()).includes(`object ${stranger.metadata.uid} is not of gadgets of the export ${gadgetGroup}`),
    );
    expect(await client.get(`${httpBins}/silent`)).toEqual(stranger);
  });

  test('the same report twice is applied once', async () => {
    const once = await order('once');
    const message = JSON.stringify({ uid: once.metadata.uid, observedGeneration: 1, sequence: '7', status: { note: 'once' } });
    const key = `${cluster}/${once.metadata.uid}`;
    for (let copy = 0; copy < 3; copy += 1) await maker.send(key, message);
    const last = JSON.stringify({ uid: once.metadata.uid, observedGeneration: 1, sequence: '8', status: { note: 'last' } });
    await maker.send(key, last);
    const object = await noted('once', 'last');
    // Declared, first report, last report: the copies left no trace.
    const history = server.client.watch(gadgets, String(BigInt(once.metadata.resourceVersion) - 1n), '&fieldSelector=metadata.name%3Donce');
    const events = await history.until('its life', (seen) =>
      seen.some((event) => event.object.metadata.resourceVersion === object.metadata.resourceVersion),
    );
    history.close();
    expect(events.map((event) => event.object.status?.['note'])).toEqual([undefined, 'once', 'last']);
  });
});

describe('an order that holds secrets', () => {
  const secret = 'xQ7vPlantedByTheTestZw3';

  test('reaches its provider whole, and never stands in clear in a topic', async () => {
    const { client } = server;
    const { publicKey, privateKey } = newOrderKey('first');
    await offerDoors(client, org, publicKey);
    const passed: WireRecord[] = [];
    const kafkaEnd = (clientId: string) => new KafkaProviderChannel({ brokers: kafka.brokers, prefix, clientId, logger: silentLogger });
    const [carpenter, listener] = [kafkaEnd('carpenter'), kafkaEnd('listener')];
    const over = new AbortController();
    const records = (batch: readonly WireRecord[]): void => void passed.push(...batch);
    const listening = listener.subscribe({ export: doorGroup, plurals: ['doors'] }, { records, caughtUp: () => undefined }, over.signal);
    const provider = runProvider({
      channel: carpenter,
      export: doorGroup,
      plurals: ['doors'],
      orderKeys: [privateKey],
      reconcile: async ({ object }) => ({
        opened: isDeepStrictEqual(object.spec, door('', secret).spec) ? 'with every pin' : 'not at all',
      }),
      release: async () => undefined,
      logger: silentLogger,
    });
    const made = await client.expect('POST', doorsOf(org), { body: door('front', secret) });
    await untilTrue('it is opened', async () => (await client.get(`${doorsOf(org)}/front`)).status?.['opened'] === 'with every pin');
    await client.expect('DELETE', `${doorsOf(org)}/front`);
    await untilTrue('its tombstone arrives', async () =>
      passed.some(({ key, value }) => key?.endsWith(made.metadata.uid) === true && value === null),
    );
    await provider.stop();
    over.abort();
    await listening;
    await Promise.all([carpenter.close(), listener.close()]);
    const texts = JSON.stringify(passed);
    expect(texts).toContain('"/spec/keepers/1/pin"'.replaceAll('"', '\\"'));
    expect(texts).not.toContain(secret);
    expect(server.logs).not.toContain(secret);
  });
});

describe.skipIf(process.env['KAFKA_BROKERS'])('without Kafka (its brokers are ours to stop)', () => {
  const readiness = async (): Promise<string> => (await server.client.call('GET', '/readyz?verbose')).text;

  test('the API goes on, readiness says so, and orders arrive when it is back, also over a restart', async () => {
    await kafka.down();
    const before = await order('during-outage');
    await untilTrue('readiness tells of the outage', async () => /^\[-\]bridge failed: /m.test(await readiness()));
    expect((await server.client.call('GET', '/readyz')).code).toBe(200);
    await server.restart();
    const after = await order('after-restart');
    expect(maker.newest(before.metadata.uid)).toBeUndefined();
    await kafka.up();
    for (const { metadata } of [before, after]) {
      await until(`${metadata.name} arrives`, () => maker.newest(metadata.uid) ?? undefined, { deadlineMs: 60_000 });
    }
    await untilTrue('readiness tells that all is well', async () => /^\[\+\]bridge ok$/m.test(await readiness()), { deadlineMs: 60_000 });
    await maker.report(cluster, before, { status: { note: 'delivered', conditions: [condition('Ready', 'True', 'Made')] } });
    expectVerdicts(await noted('during-outage', 'delivered'), current);
  });
});
