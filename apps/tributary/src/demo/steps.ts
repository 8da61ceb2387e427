import assert from 'node:assert/strict';
import { account, binding, httpBin } from './manifests.ts';
import type { Running } from './running.ts';
import type { Stage } from './stage.ts';
import { type SeenEvent, seenEvents, storyOf } from './watch-output.ts';

/** What later steps need of earlier ones. */
export type Journey = {
  /** By instance. */
  readonly urls: Map<string, string>;
  shells?: { readonly table: Running; readonly events: Running };
  /** Everything that the watch has shown, and from which resourceVersion on. */
  watched?: { readonly from: string; readonly events: readonly SeenEvent[] };
};

export type Step = {
  readonly title: string;
  readonly explanation: string;
  /** Plays the step. @throws Error when anything that it shows is not as it should be. */
  readonly run: (stage: Stage, journey: Journey) => Promise<void>;
};

export const orgs = 'root:orgs';
const org = `${orgs}:acme`;
export const shop = `${org}:shop`;
const branch = `${shop}:branch`;

/** From nothing to a delivered service, and back to nothing. */
export const firstJourney: readonly Step[] = [
  {
    title: 'Order an organisation',
    explanation: 'An Account of type org gets a workspace of its own: a Kubernetes API with nothing in it that is not yours.',
    async run(stage) {
      await openAccount(stage, { parent: orgs, name: 'acme', type: 'org', displayName: 'Acme' });
      assert.match(
        await stage.kubectl(orgs, ['get', 'accounts']),
        /^NAME +DISPLAY NAME +TYPE +READY +AGE\n(.*\n)*acme +Acme +org +True +\d+s\n/,
      );
    },
  },
  {
    title: 'Order an account in it',
    explanation: 'Teams get accounts of type account, at any depth. Each is ready in milliseconds.',
    async run(stage) {
      await openAccount(stage, { parent: org, name: 'shop', type: 'account', displayName: 'Shop' });
      assert.match(
        await stage.kubectl(shop, ['get', 'namespaces']),
        /^NAME +STATUS +AGE\ndefault +Active +\d+s\n(kube-[a-z-]+ +Active +\d+s\n){3}$/,
      );
      const place = await stage.kubectl(shop, [
        'get',
        'accountinfo',
        'account',
        '--output=jsonpath={.spec.account.path} in {.spec.organization.path}',
      ]);
      assert.equal(place, `${shop} in ${org}`);
    },
  },
  {
    title: 'Which services are available to my account?',
    explanation: 'The marketplace lists what providers offer; nothing is enabled yet.',
    async run(stage) {
      const entries = await stage.kubectl(shop, ['get', 'marketplaceentries']);
      assert.match(entries, /^NAME +SERVICE +EXPORT +PROVIDER +ENABLED BY\n/);
      assert.match(entries, /^\S+ +\S.* +orchestrate\.platform-mesh\.io +root:providers:httpbin *$/m);
    },
  },
  {
    title: 'Enable a service',
    explanation: 'An APIBinding makes the API of an export part of your workspace: discovery lists it, explain explains it.',
    async run(stage) {
      assert.match(await stage.refused(shop, ['get', 'httpbins']), /the server doesn't have a resource type "httpbins"/);
      await enable(stage, shop);
      const row = await stage.kubectl(shop, ['api-resources', '--api-group=orchestrate.platform-mesh.io']);
      assert.match(row, /^NAME .*\nhttpbins .*orchestrate\.platform-mesh\.io\/v1alpha1 +true +HttpBin\n$/);
      const explained = await stage.kubectl(shop, ['explain', 'httpbin.spec']);
      assert.match(explained, /KIND: +HttpBin/);
      assert.match(explained, /region\t<string>/);
      assert.match(await stage.kubectl(shop, ['get', 'marketplaceentries']), /root:providers:httpbin +httpbin *$/m);
    },
  },
  {
    title: 'Order an instance',
    explanation: 'The order becomes an event, the provider receives it and starts a small HTTP service, and its status comes back.',
    async run(stage, journey) {
      await order(stage, journey, { workspace: shop, name: 'web', region: 'eu-west' });
      const rows = await stage.kubectl(shop, ['get', 'httpbins']);
      assert.match(rows, /^NAME +REGION +READY +URL +AGE\nweb +eu-west +[Tt]rue +http:\/\/127\.0\.0\.1:\d+\/ +\d+s\n$/);
      assert.match(rows, new RegExp(` ${journey.urls.get('web')} `));
    },
  },
  {
    title: 'Watch another order in a second shell',
    explanation: 'A watch tells every step from where it began: ordered, delivered, and all that follows.',
    async run(stage, journey) {
      const from = await stage.kubectl(shop, ['get', 'httpbin', 'web', '--output=jsonpath={.metadata.resourceVersion}']);
      const words = ['get', 'httpbins', '--watch', '--output-watch-events'];
      const shells = { table: stage.watch(shop, words), events: stage.watch(shop, [...words, '--output=json']) };
      journey.shells = shells;
      journey.watched = { from, events: [] };
      // What is there when a watch begins is told first; from then on nothing is missed.
      await shells.table.until('web to be shown', (output) => /^ADDED +web /m.test(output));
      await shells.events.until('web to be told', (output) => seenEvents(output).length > 0);
      await order(stage, journey, { workspace: shop, name: 'cart', region: 'eu-west' });
    },
  },
  {
    title: 'Change the order',
    explanation: 'A changed spec is generation 2. Ready is open again until the provider has answered that generation.',
    async run(stage, journey) {
      assert.equal(
        await stage.kubectl(shop, ['apply', '--filename=-'], httpBin('web', 'us-east')),
        'httpbin.orchestrate.platform-mesh.io/web configured\n',
      );
      await stage.kubectl(shop, ['wait', '--for=jsonpath={.status.observedGeneration}=2', 'httpbin/web', '--timeout=30s']);
      await stage.kubectl(shop, ['wait', '--for=condition=Ready', 'httpbin/web', '--timeout=30s']);
      const generations = await stage.kubectl(shop, [
        'get',
        'httpbin',
        'web',
        '--output=jsonpath={.metadata.generation} {.status.observedGeneration} {.spec.region}',
      ]);
      assert.equal(generations, '2 2 us-east');
      assert.match((await stage.curl(urlOf(journey, 'web'))) ?? '', /"region":"us-east","generation":2/);
    },
  },
  {
    title: 'Delete the instance',
    explanation: 'The provider takes the service down and acknowledges; only then is the object gone.',
    async run(stage, journey) {
      assert.match(
        await stage.kubectl(shop, ['delete', 'httpbin', 'web', '--timeout=30s']),
        /^httpbin\.orchestrate\.platform-mesh\.io "web" deleted/,
      );
      assert.match(
        await stage.refused(shop, ['get', 'httpbin', 'web']),
        /\(NotFound\): httpbins\.orchestrate\.platform-mesh\.io "web" not found/,
      );
      assert.equal(await stage.curl(urlOf(journey, 'web')), undefined);
    },
  },
  {
    title: 'What the second shell has seen',
    explanation: 'Every step of both instances, in order, none missing.',
    run: endWatch,
  },
  {
    title: 'Disable the service while an instance is left',
    explanation: 'Without its binding an instance cannot be: it goes first, then the API disappears from the workspace.',
    async run(stage, journey) {
      assert.match(
        await stage.kubectl(shop, ['delete', 'apibinding', 'httpbin', '--timeout=30s']),
        /^apibinding\.apis\.kcp\.io "httpbin" deleted/,
      );
      assert.equal(await stage.curl(urlOf(journey, 'cart')), undefined);
      assert.doesNotMatch(await stage.kubectl(shop, ['api-resources']), /httpbins/);
    },
  },
  {
    title: 'Delete an account with everything in it',
    explanation: 'Instances, bindings and accounts below it go first, wherever they are.',
    async run(stage, journey) {
      await enable(stage, shop);
      await order(stage, journey, { workspace: shop, name: 'search', region: 'eu-west' });
      await openAccount(stage, { parent: shop, name: 'branch', type: 'account', displayName: 'Branch' });
      await enable(stage, branch);
      await order(stage, journey, { workspace: branch, name: 'till', region: 'ap-south' });
      assert.match(
        await stage.kubectl(org, ['delete', 'account', 'shop', '--timeout=30s']),
        /^account\.core\.platform-mesh\.io "shop" deleted/,
      );
      assert.match(await stage.kubectl(org, ['get', 'accounts']), /^No resources found/);
      for (const name of ['search', 'till']) assert.equal(await stage.curl(urlOf(journey, name)), undefined);
      for (const workspace of [shop, branch]) await stage.refused(workspace, ['get', 'namespaces']);
      assert.match(
        await stage.kubectl(orgs, ['delete', 'account', 'acme', '--timeout=30s']),
        /^account\.core\.platform-mesh\.io "acme" deleted/,
      );
      assert.doesNotMatch(await stage.kubectl(orgs, ['get', 'accounts']), /^acme /m);
    },
  },
];

type NewAccount = { readonly parent: string; readonly name: string; readonly type: 'org' | 'account'; readonly displayName: string };

async function openAccount(stage: Stage, { parent, name, type, displayName }: NewAccount): Promise<void> {
  const applied = await stage.kubectl(parent, ['apply', '--filename=-'], account(name, type, displayName));
  assert.equal(applied, `account.core.platform-mesh.io/${name} created\n`);
  const waited = await stage.kubectl(parent, ['wait', '--for=condition=Ready', `account/${name}`, '--timeout=30s']);
  assert.equal(waited, `account.core.platform-mesh.io/${name} condition met\n`);
}

async function enable(stage: Stage, workspace: string): Promise<void> {
  assert.equal(await stage.kubectl(workspace, ['apply', '--filename=-'], binding), 'apibinding.apis.kcp.io/httpbin created\n');
  await stage.kubectl(workspace, ['wait', '--for=jsonpath={.status.phase}=Bound', 'apibinding/httpbin', '--timeout=30s']);
  assert.match(await stage.kubectl(workspace, ['get', 'apibindings']), /^NAME +AGE +READY\nhttpbin +\d+s +True\n$/);
}

type Order = { readonly workspace: string; readonly name: string; readonly region: string };

async function order(stage: Stage, journey: Journey, { workspace, name, region }: Order): Promise<void> {
  const applied = await stage.kubectl(workspace, ['apply', '--filename=-'], httpBin(name, region));
  assert.equal(applied, `httpbin.orchestrate.platform-mesh.io/${name} created\n`);
  const waited = await stage.kubectl(workspace, ['wait', '--for=condition=Ready', `httpbin/${name}`, '--timeout=30s']);
  assert.equal(waited, `httpbin.orchestrate.platform-mesh.io/${name} condition met\n`);
  const url = await stage.kubectl(workspace, ['get', 'httpbin', name, '--output=jsonpath={.status.url}']);
  assert.match(url, /^http:\/\/127\.0\.0\.1:\d+\/$/);
  journey.urls.set(name, url);
  const body = await stage.curl(url);
  assert.match(body ?? '', new RegExp(`"name":"${name}".*"region":"${region}","generation":1`));
}

async function endWatch(stage: Stage, journey: Journey): Promise<void> {
  const { shells, watched } = journey;
  assert.ok(shells && watched);
  const isGone = (output: string): boolean =>
    seenEvents(output).some(({ type, object }) => type === 'DELETED' && object.metadata.name === 'web');
  await shells.events.until('web to be gone', isGone);
  await shells.table.until('web to be gone', (output) => /^DELETED +web /m.test(output));
  const events = seenEvents(await shells.events.stop());
  const table = await shells.table.stop();
  stage.show(table);
  journey.watched = { ...watched, events };
  assert.deepEqual(storyOf('cart', events), ['generation 1 waiting', 'generation 1 ready']);
  assert.deepEqual(storyOf('web', events), ['generation 1 ready', 'generation 2 waiting', 'generation 2 ready', 'leaving', 'gone']);
  const versions = events.slice(1).map(({ object }) => BigInt(object.metadata.resourceVersion));
  assert.ok(
    versions.every((version, index) => index === 0 || version > (versions[index - 1] ?? version)),
    'events come in order',
  );
  // The same steps in the other shell, row by row.
  const rows = table.split('\n').filter((line) => /^(ADDED|MODIFIED|DELETED) /.test(line));
  assert.deepEqual(
    rows.map((row) => row.split(/ +/).slice(0, 3)),
    events.map(({ type, object }) => [type, object.metadata.name, object.spec.region]),
  );
}

function urlOf(journey: Journey, name: string): string {
  const url = journey.urls.get(name);
  assert.ok(url, `${name} has a URL`);
  return url;
}
