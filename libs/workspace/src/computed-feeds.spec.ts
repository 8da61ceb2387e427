import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { newSigningKey, ServiceAccountTokens, SigningKey } from '#access';
import { closeWorkspace, finishClosing, openWorkspace } from '#account';
import type { KubeObject, ServedKind } from '#kube';
import { apiBindings, apiExports, marketplaceEntries } from '#provider';
import { MemoryEventLog } from '#stream';
import type { Offer } from './computed.ts';
import { House } from './house.ts';
import { configMaps } from './kinds/core-kinds.ts';
import { accounts, logicalClusters, namespaces, workspaces } from './kinds/tenancy-kinds.ts';
import type { Author, Selector, WatchEvent, Workspace } from './workspaces.ts';

const author: Author = { user: 'ada', groups: ['system:masters'], userAgent: 'spec', fieldManager: 'spec', cause: 'spec' };
const by = { user: 'ada', userAgent: 'spec', fieldManager: 'spec', at: '2026-01-01T00:00:00.000Z', cause: 'spec' };

let log: MemoryEventLog;
let house: House;
let root: Workspace;
let offers: Offer[];
let reads: number;

const offer = (name: string, displayName = name): Offer => ({
  providerPath: 'root',
  apiExport: { apiVersion: 'apis.kcp.io/v1alpha2', kind: 'APIExport', metadata: { name, uid: `uid-${name}` }, spec: {} },
  providerMetadata: {
    apiVersion: 'ui.platform-mesh.io/v1alpha1',
    kind: 'ProviderMetadata',
    metadata: { name: 'house' },
    spec: { displayName },
  },
});

function aHouse(): House {
  const tokens = new ServiceAccountTokens(new SigningKey(newSigningKey()), 'https://mesh.test');
  const read = async () => {
    reads += 1;
    return [...offers];
  };
  return new House({ log, soleWriter: true, publicUrl: 'https://mesh.test', offers: read, serviceAccounts: { tokens, ca: 'CA' } });
}

const opened = async (of: House): Promise<Workspace> => {
  const workspace = await of.open('root');
  if (!workspace) throw new Error('root is open');
  return workspace;
};

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  offers = [offer('bins')];
  reads = 0;
  log = new MemoryEventLog();
  house = aHouse();
  const account = await house.accounts.account('root');
  await account.submit((state) => openWorkspace({ cluster: 'root', path: 'root:orgs', owner: null, furniture: [], by }, state));
  root = await opened(house);
});
afterEach(async () => {
  vi.useRealTimers();
  await house.close();
});

const aSecond = () => vi.advanceTimersByTimeAsync(1_000);

const versionOf = ({ storageVersion }: ServedKind) => storageVersion;

async function create(kind: ServedKind, metadata: KubeObject['metadata'], spec?: object): Promise<void> {
  const apiVersion = kind.group === '' ? versionOf(kind) : `${kind.group}/${versionOf(kind)}`;
  const body = { apiVersion, kind: kind.kind, metadata, ...(spec ? { spec } : {}) } as KubeObject;
  const request = { kind, version: versionOf(kind), namespace: metadata.namespace ?? '', author, dryRun: false, body };
  const outcome = await root.create({ ...request, fieldValidation: 'Strict', duplicateFields: [] });
  if (outcome.type !== 'committed') throw new Error(JSON.stringify(outcome.refusal));
}

const list = async (kind: ServedKind, over = root) => {
  const listed = await over.list({ kind, version: versionOf(kind), namespace: '' });
  if (listed.type !== 'listed') throw new Error('a list of now does not expire');
  return listed;
};

async function watch(kind: ServedKind, from: { readonly after?: bigint; readonly selector?: Selector } = {}, over = root) {
  const events: WatchEvent[] = [];
  let ends = 0;
  const sink = { events: (batch: readonly WatchEvent[]) => void events.push(...batch), ended: () => void (ends += 1) };
  const outcome = await over.watch({ kind, version: versionOf(kind), namespace: '', ...from }, sink);
  const told = async (count: number): Promise<string[]> => {
    await vi.waitUntil(() => events.length >= count, { timeout: 10_000, interval: 1 });
    return events.map(({ type, object }) => `${type} ${object.name}`);
  };
  return { outcome, events, told, ended: () => vi.waitUntil(() => ends > 0, { timeout: 10_000, interval: 1 }) };
}

const initialOf = ({ outcome }: Awaited<ReturnType<typeof watch>>) =>
  outcome.type === 'watching' ? outcome.initial?.map(({ name }) => name) : outcome.type;

describe('watching the workspaces below', () => {
  it('follows the Accounts, at their positions', async () => {
    await create(accounts, { name: 'acme' }, { type: 'org' });
    const { position, items } = await list(workspaces);
    const watching = await watch(workspaces);
    expect(initialOf(watching)).toEqual(['acme']);
    expect(items[0]?.object.metadata.resourceVersion).toBe(String(position));
    await create(accounts, { name: 'other' }, { type: 'org' });
    const resumed = await watch(workspaces, { after: position });
    for (const one of [watching, resumed]) expect(await one.told(1)).toEqual(['ADDED other']);
    const [added] = resumed.events;
    expect(added?.object.object).toMatchObject({ kind: 'Workspace', status: { phase: 'Initializing' }, spec: { type: { name: 'org' } } });
    expect(added?.object.object.metadata.resourceVersion).toBe(String(added?.position));
  });

  it('knows what a selector means of what it shows', async () => {
    const selector: Selector = ({ object }) => (object['spec'] as { URL?: string }).URL?.endsWith(':one') === true;
    const { told } = await watch(workspaces, { selector });
    await create(accounts, { name: 'two' }, { type: 'org' });
    await create(accounts, { name: 'one' }, { type: 'org' });
    expect(await told(1)).toEqual(['ADDED one']);
  });
});

describe('watching what is offered', () => {
  it('tells of offers that come, change and go, at positions that grow', async () => {
    const { position, items } = await list(marketplaceEntries);
    expect(items.map(({ object }) => object.metadata.resourceVersion)).toEqual([String(position)]);
    const { told, events } = await watch(marketplaceEntries, { after: position });
    offers = [offer('bins', 'Bins'), offer('queues')];
    await aSecond();
    expect(await told(2)).toEqual(['MODIFIED bins-house', 'ADDED queues-house']);
    offers = [offer('queues')];
    await aSecond();
    expect(await told(3)).toEqual(['MODIFIED bins-house', 'ADDED queues-house', 'DELETED bins-house']);
    const positions = events.map((event) => event.position);
    expect(positions.every((at, index) => at > (positions[index - 1] ?? position))).toBe(true);
    expect(events.map(({ object }) => object.object.metadata.resourceVersion)).toEqual(positions.map(String));
    expect((await list(marketplaceEntries)).position).toBe(positions.at(-1));
    expect(await (await watch(marketplaceEntries, { after: positions[0]! })).told(2)).toEqual(['ADDED queues-house', 'DELETED bins-house']);
    const then = await root.list({ kind: marketplaceEntries, version: 'v1alpha1', namespace: '', at: position });
    expect(then).toMatchObject({ type: 'listed', position, items: [{ name: 'bins-house', position }] });
  });

  it('shows what leaves a selection as it was, with the version of the change', async () => {
    offers = [offer('bins', 'Bins')];
    const { position } = await list(marketplaceEntries);
    const selector: Selector = ({ object }) => JSON.stringify(object).includes('Bins');
    const { told, events } = await watch(marketplaceEntries, { after: position, selector });
    offers = [offer('bins', 'Boxes')];
    await aSecond();
    await told(1);
    expect(events[0]).toMatchObject({ type: 'DELETED' });
    expect(events[0]?.object.text).toContain('Bins');
    expect(events[0]?.object.object.metadata.resourceVersion).toBe(String(events[0]?.position));
  });

  it('stays at a position as long as nothing changes', async () => {
    const first = await list(marketplaceEntries);
    await create(namespaces, { name: 'n' });
    expect((await list(marketplaceEntries)).position).toBe(first.position);
    expect(await root.positionOf(marketplaceEntries)).toBe(first.position);
  });

  it('tells at once what the workspace itself enables', async () => {
    const { told, events } = await watch(marketplaceEntries);
    const before = reads;
    await create(apiExports, { name: 'bins' }, {});
    await create(apiBindings, { name: 'mine' }, { reference: { export: { path: 'root', name: 'bins' } } });
    expect(await told(1)).toEqual(['MODIFIED bins-house']);
    expect(events[0]?.object.object).toMatchObject({ spec: { apiBindingName: 'mine' } });
    expect(reads - before).toBeLessThanOrEqual(2);
  });

  it('reads once for all who watch, and no more when nobody does', async () => {
    const timers = vi.getTimerCount();
    const watching = [await watch(marketplaceEntries), await watch(marketplaceEntries), await watch(logicalClusters)];
    const before = reads;
    for (let seconds = 0; seconds < 3; seconds += 1) await aSecond();
    expect(reads - before).toBe(3);
    for (const { outcome } of watching) if (outcome.type === 'watching') outcome.stop();
    for (let seconds = 0; seconds < 3; seconds += 1) await aSecond();
    expect(reads - before).toBe(3);
    expect(vi.getTimerCount()).toBe(timers);
  });

  it('does not go on from another process’s position, nor from one that was never told', async () => {
    const { position } = await list(marketplaceEntries);
    const another = await opened(aHouse());
    expect((await watch(marketplaceEntries, { after: position }, another)).outcome.type).toBe('expired');
    expect((await list(marketplaceEntries, another)).position).toBeGreaterThan(position);
    expect((await watch(marketplaceEntries, { after: position + 1n })).outcome.type).toBe('expired');
  });
});

describe('watching a workspace itself', () => {
  it('tells that it closes, and ends with it', async () => {
    const watching = await watch(logicalClusters);
    expect(initialOf(watching)).toEqual(['cluster']);
    const account = await house.accounts.account('root');
    await account.submit((state) => closeWorkspace(by, state));
    expect(await watching.told(1)).toEqual(['MODIFIED cluster']);
    expect(watching.events[0]?.object.object).toMatchObject({ status: { phase: 'Terminating' } });
    await account.submit((state) => finishClosing(by, state));
    await watching.ended();
  });
});

describe('watching ConfigMaps', () => {
  it('tells of kube-root-ca.crt in namespaces that come and go, live and from the past', async () => {
    await create(namespaces, { name: 'old' });
    const { position } = await list(configMaps);
    const selector: Selector = ({ name }) => name === 'kube-root-ca.crt';
    const watching = [await watch(configMaps, { after: position }), await watch(configMaps, { after: position, selector })];
    await create(namespaces, { name: 'late' });
    await create(configMaps, { name: 'mine', namespace: 'late' });
    const at = { kind: namespaces, version: 'v1', namespace: '', author, dryRun: false };
    await root.patch({
      ...at,
      name: 'old',
      fieldValidation: 'Warn',
      patch: { type: 'merge', patch: { metadata: { labels: { a: 'b' } } }, duplicateFields: [] },
    });
    await root.delete({ ...at, name: 'old' });
    const another = await opened(aHouse());
    watching.push(await watch(configMaps, { after: position }, another), await watch(configMaps, { after: position, selector }, another));
    for (const { told, events } of watching) {
      await told(3);
      const given = events.filter(({ object }) => object.name === 'kube-root-ca.crt');
      expect(given.map(({ type, object }) => `${type} ${object.namespace}`)).toEqual(['ADDED late', 'MODIFIED old', 'DELETED old']);
      expect(given.map(({ object }) => object.object.metadata.resourceVersion)).toEqual(given.map((event) => String(event.position)));
      expect(given[0]?.object.object).toMatchObject({ data: { 'ca.crt': 'CA' } });
    }
  });
});
