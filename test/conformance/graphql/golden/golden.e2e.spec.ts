import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { build } from 'esbuild';
import { createClient as createSse } from 'graphql-sse';
import { createClient as createWs } from 'graphql-ws';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { readKubeconfig, startTributary, type TributaryServer } from '../../../servers/tributary.ts';
import { until, untilTrue } from '../../../servers/tributary-until.ts';
import { openWorkspace } from '../../../servers/tributary-workspace.ts';
import { normalised, withVariables, type ClientAnswer } from './answer-form.ts';
import { operations, type GoldenOperation } from './operations.ts';
import { startSameOrigin } from './same-origin.ts';

// What frontends ask, as they ask it: over plain HTTP, and by Apollo and urql in a page of a real browser. All get the answers in answers.json,
// which UPDATE_GOLDEN=1 writes anew: read the difference before you keep it.

const answersFile = new URL('answers.json', import.meta.url);
const program = spawnSync('sh', ['-c', 'command -v chromium']).stdout.toString().trim();
const inCi = process.env['CI_RUN_ID'] !== undefined;
if (program === '' && !inCi) console.warn('skipped: no chromium is on the PATH');

let server: TributaryServer;
let token: string;
let origin: Awaited<ReturnType<typeof startSameOrigin>>;
let browser: Browser | undefined;
let page: Page;

beforeAll(async () => {
  const [started, bundle] = await Promise.all([startTributary({ flags: ['--no-demo'] }), pageText()]);
  server = started;
  const access = await readKubeconfig(server.kubeconfig);
  if (!access) throw new Error('the server wrote no kubeconfig');
  ({ token } = access);
  origin = await startSameOrigin(access, {
    '/': { type: 'text/html', text: '<!doctype html><title>portal</title><script src="/page.js"></script>' },
    '/page.js': { type: 'text/javascript', text: bundle },
  });
});
afterAll(async () => {
  await browser?.close();
  await origin?.stop();
  await server?.remove();
});

async function pageText(): Promise<string> {
  const entry = new URL('page.js', import.meta.url).pathname;
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: 'iife',
    target: 'es2022',
    logLevel: 'error',
    define: { 'globalThis.__DEV__': 'false' },
  });
  return outputFiles[0]?.text ?? '';
}

type Run = (operation: GoldenOperation) => Promise<ClientAnswer>;

/** Asks all, and gives what came, in the form of answers.json. */
async function replay(org: string, run: Run): Promise<Readonly<Record<string, unknown>>> {
  const answers = new Map<string, unknown>();
  const told: Record<string, unknown> = {};
  for (const operation of operations) {
    const variables = withVariables(operation.variables, answers);
    const answer = await run({ ...operation, ...(variables === undefined ? {} : { variables }) });
    answers.set(operation.name, answer.data);
    told[operation.name] = normalised(answer, org);
  }
  return told;
}

const golden = (): Readonly<Record<string, unknown>> => JSON.parse(readFileSync(answersFile, 'utf8')) as Readonly<Record<string, unknown>>;

async function anOrganisation(name: string): Promise<string> {
  return `/api${await openWorkspace(server, name)}/graphql`;
}

const follow =
  'subscription($of: String) { v1_configmaps(namespace: "default", labelselector: $of) { type object { metadata { name } data } } }';
const write = (verb: 'create' | 'update', name: string, value: string): GoldenOperation => ({
  name: verb,
  query: `mutation W($object: V1ConfigMap_Input!) { v1 { ${verb}ConfigMap(namespace: "default" ${verb === 'update' ? `name: "${name}"` : ''}, object: $object) { kind } } }`,
  variables: { object: { metadata: { name, labels: { of: name } }, data: { key: value } } },
});
const events = (name: string) => [
  { type: 'ADDED', object: { metadata: { name }, data: { key: 'a' } } },
  { type: 'MODIFIED', object: { metadata: { name }, data: { key: 'b' } } },
];
const eventsIn = (results: readonly unknown[]): readonly unknown[] =>
  results.map(
    (result) => (normalised(result as ClientAnswer, 'no organisation') as { data?: { v1_configmaps: unknown } }).data?.v1_configmaps,
  );

async function overHttp(path: string, { query, variables }: GoldenOperation): Promise<ClientAnswer> {
  const { text } = await server.client.call('POST', path, {
    headers: { 'user-agent': 'golden' },
    body: { query, ...(variables === undefined ? {} : { variables }) },
  });
  return JSON.parse(text) as ClientAnswer;
}

describe('the golden operations', () => {
  it('are sixty or more', () => expect(operations.length).toBeGreaterThanOrEqual(60));

  it('are answered so over HTTP', async () => {
    const path = await anOrganisation('golden-http');
    const told = await replay('golden-http', (operation) => overHttp(path, operation));
    if (process.env['UPDATE_GOLDEN'] === '1') await writeAnswers(told);
    for (const [name, answer] of Object.entries(golden())) expect({ [name]: told[name] }).toEqual({ [name]: answer });
    expect(Object.keys(told)).toEqual(Object.keys(golden()));
  });
});

const writeAnswers = (told: Readonly<Record<string, unknown>>): Promise<void> =>
  writeFile(answersFile, `${JSON.stringify(told, null, 2)}\n`);

type Portal = {
  open(name: string, path: string, token: string): void;
  run(name: string, operation: GoldenOperation): Promise<ClientAnswer>;
  follow(name: string, operation: Pick<GoldenOperation, 'query' | 'variables'>): void;
  followed(name: string): readonly unknown[];
  unfollow(name: string): void;
};
/** In the page. */
declare const portal: Portal;

describe.skipIf(program === '' && !inCi)('in a page of a browser', () => {
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: program, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
    page = await browser.newPage();
    await page.goto(`${origin.origin}/`);
  });

  const run = (client: string, operation: GoldenOperation) =>
    page.evaluate(([name, asked]) => portal.run(name, asked), [client, operation] as const);

  it.each(['apollo', 'urql'])('%s gets the golden answers', async (client) => {
    const org = `golden-${client}`;
    const path = await anOrganisation(org);
    await page.evaluate(([name, at, shown]) => portal.open(name, at, shown), [client, path, token] as const);
    const told = await replay(org, (operation) => run(client, operation));
    for (const [name, answer] of Object.entries(golden())) expect({ [name]: told[name] }).toEqual({ [name]: answer });
  });

  it.each([
    ['apollo', 'a WebSocket'],
    ['urql', 'a stream of events'],
  ])('%s follows a workspace over %s', async (client) => {
    const name = `followed-by-${client}`;
    const operation = { query: follow, variables: { of: `of=${name}` } };
    await page.evaluate(([who, asked]) => portal.follow(who, asked), [client, operation] as const);
    await run(client, write('create', name, 'a'));
    const heard = (): Promise<readonly unknown[]> => page.evaluate((who) => portal.followed(who), client);
    await untilTrue('it has come', async () => (await heard()).length === 1);
    await run(client, write('update', name, 'b'));
    const results = await until('it has changed', async () => {
      const all = await heard();
      return all.length === 2 ? all : undefined;
    });
    await page.evaluate((who) => portal.unfollow(who), client);
    expect(eventsIn(results)).toEqual(events(name));
  });
});

describe('objects of many workspaces', () => {
  const rbac = 'rbac.authorization.k8s.io';
  const post = (path: string, body: object) => server.client.expect('POST', path, { body });

  /** Lets ann do something in a workspace. */
  async function grant(workspace: string, rules: readonly object[]): Promise<void> {
    const folder = `${workspace}/apis/${rbac}/v1`;
    const of = { apiVersion: `${rbac}/v1`, metadata: { name: 'anns' } };
    await post(`${folder}/clusterroles`, { ...of, kind: 'ClusterRole', rules });
    await post(`${folder}/clusterrolebindings`, {
      ...of,
      kind: 'ClusterRoleBinding',
      roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: 'anns' },
      subjects: [{ apiGroup: rbac, kind: 'User', name: 'ann' }],
    });
  }

  async function anAccount(org: string, name: string): Promise<string> {
    const accounts = `${org}/apis/core.platform-mesh.io/v1alpha1/accounts`;
    await post(accounts, { apiVersion: 'core.platform-mesh.io/v1alpha1', kind: 'Account', metadata: { name }, spec: { type: 'account' } });
    await untilTrue(`the account ${name} is ready`, async () => {
      const { status } = await server.client.get(`${accounts}/${name}`);
      return status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false;
    });
    return `${org}:${name}`;
  }

  it('are shown as far as one may list them there, at once after they were written', async () => {
    const org = await openWorkspace(server, 'many');
    const seen = await anAccount(org, 'seen');
    const hidden = await anAccount(org, 'hidden');
    const elsewhere = await openWorkspace(server, 'others');
    await grant(org, [{ apiGroups: [''], resources: ['namespaces'], verbs: ['get'] }]);
    const another = await anAccount(org, 'another');
    await grant(seen, [{ apiGroups: [''], resources: ['configmaps'], verbs: ['list'] }]);
    await grant(another, [{ apiGroups: [''], resources: ['secrets'], verbs: ['list'] }]);
    const probe = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'probe' }, data: { of: 'many' } };
    for (const workspace of [org, seen, hidden, another, elsewhere]) {
      await post(`${workspace}/api/v1/namespaces/default/configmaps`, probe);
      await post(`${workspace}/api/v1/namespaces/default/secrets`, { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'probe' } });
    }
    const query = (more: string) =>
      `{ instances(${more} name: "probe", fresh: true, orderBy: cluster) { count items { path resource object } } }`;
    const pathsFor = async (
      headers: Readonly<Record<string, string>>,
      more = 'group: "", resource: "configmaps"',
    ): Promise<readonly string[]> => {
      const { text } = await server.client.call('POST', `/api${org}/graphql`, { headers, body: { query: query(more) } });
      const { data } = JSON.parse(text) as { data: { instances: { count: number; items: { path: string; resource: string }[] } } };
      expect(data.instances.count).toBe(data.instances.items.length);
      return data.instances.items.map(({ path, resource }) => `${path} ${resource}`).sort();
    };
    const of = (resource: string, ...workspaces: string[]) =>
      workspaces.map((workspace) => `${workspace.replace('/clusters/', '')} ${resource}`);
    const ann = { 'impersonate-user': 'ann' };
    const all = [org, seen, hidden, another];
    expect(await pathsFor({})).toEqual(of('configmaps', ...all).sort());
    expect(await pathsFor(ann)).toEqual(of('configmaps', seen));
    // Without a kind: in each workspace those kinds that she may list there.
    expect(await pathsFor(ann, '')).toEqual([...of('configmaps', seen), ...of('secrets', another)].sort());
    expect(await pathsFor(ann, 'group: "apps",')).toEqual([]);
    expect(await pathsFor({}, '')).toEqual([...of('configmaps', ...all), ...of('secrets', ...all)].sort());
  });
});

describe('clients in Node', () => {
  let path: string;
  beforeAll(async () => {
    path = await anOrganisation('golden-node');
  });

  /** Follows, writes twice, and expects to hear of it. */
  async function hears(
    name: string,
    subscribe: (sink: { next: (result: unknown) => void; error: (failure: unknown) => void; complete: () => void }) => () => void,
  ) {
    const results: unknown[] = [];
    let failure: unknown;
    const stop = subscribe({ next: (result) => void results.push(result), error: (error) => (failure = error), complete: () => undefined });
    const told = async (count: number) =>
      untilTrue(`${count} are told`, () => {
        if (failure !== undefined) throw new Error('it ended', { cause: failure });
        return results.length === count;
      });
    await overHttp(path, write('create', name, 'a'));
    await told(1);
    await overHttp(path, write('update', name, 'b'));
    await told(2);
    stop();
    expect(eventsIn(results)).toEqual(events(name));
  }

  it('graphql-sse follows a workspace', async () => {
    const client = createSse({ url: `${origin.origin}${path}`, headers: { authorization: `Bearer ${token}` } });
    await hears('by-sse', (sink) => client.subscribe({ query: follow, variables: { of: 'of=by-sse' } }, sink));
    client.dispose();
  });

  it('graphql-sse takes queries, too', async () => {
    const client = createSse({ url: `${origin.origin}${path}`, headers: { authorization: `Bearer ${token}` } });
    const results: unknown[] = [];
    for await (const result of client.iterate({ query: '{ v1 { Namespace(name: "default") { kind } } }' })) results.push(result);
    expect(results).toEqual([{ data: { v1: { Namespace: { kind: 'Namespace' } } } }]);
    client.dispose();
  });

  it.each([
    ['the parameters of the connection', 'by-parameters'],
    ['a header', 'by-header'],
  ])('graphql-ws follows a workspace, with the token in %s', async (_, name) => {
    const isHeader = name === 'by-header';
    class WithToken extends WebSocket {
      constructor(url: string, protocols: string) {
        super(url, protocols, { headers: { authorization: `Bearer ${token}` } });
      }
    }
    const client = createWs({
      url: `${origin.origin.replace('http', 'ws')}${path}`,
      webSocketImpl: isHeader ? WithToken : WebSocket,
      ...(isHeader ? {} : { connectionParams: { Authorization: `Bearer ${token}` } }),
    });
    await hears(name, (sink) => client.subscribe({ query: follow, variables: { of: `of=${name}` } }, sink));
    await client.dispose();
  });

  it('whoever shows no token hears nothing', async () => {
    const client = createSse({ url: `${origin.origin}${path}`, retryAttempts: 0 });
    const failure = await new Promise((resolve, reject) => {
      client.subscribe(
        { query: follow, variables: {} },
        { next: reject, error: resolve, complete: () => reject(new Error('it completed')) },
      );
    });
    expect(failure).toMatchObject({ response: { status: 401 } });
    client.dispose();
  });
});
