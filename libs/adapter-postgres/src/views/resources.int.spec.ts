import { describe, expect, it, onTestFinished } from 'vitest';
import type { AccountEvent } from '#account';
import { parseLabelSelector, type KubeObject } from '#kube';
import { resourcesView, workspacesView } from '#projection';
import type { ResourceOrder, ResourcePage, ResourceQuery, View } from '#projection';
import { openDataSource } from '../schema/data-source.ts';
import { testPostgres } from '../testing/test-postgres.ts';
import { PostgresResources } from './postgres-resources.ts';
import { PostgresViewStore } from './postgres-view-store.ts';

const by = { user: 'ada', userAgent: 'kubectl', fieldManager: 'kubectl', at: '2026-11-23T00:00:00.000Z', cause: 'audit' };

type Wanted = { readonly cluster?: string; readonly resource?: string; readonly name: string } & Partial<
  Pick<KubeObject, 'metadata' | 'spec' | 'status'>
>;

function declared(
  { resource = 'gadgets', name, metadata, spec = {}, status }: Wanted,
  type: 'ResourceDeclared' | 'StatusReported' = 'ResourceDeclared',
) {
  const key = { group: 'demo.test', resource, namespace: 'default', name };
  const object: KubeObject = {
    apiVersion: 'demo.test/v1',
    kind: 'Gadget',
    metadata: { name, namespace: 'default', uid: `uid-${name}`, creationTimestamp: '2026-11-23T08:00:00Z', ...metadata },
    spec,
    ...(status === undefined ? {} : { status }),
  };
  return { type, key, uid: `uid-${name}`, object, by } as AccountEvent;
}

async function given(...wanted: readonly Wanted[]) {
  const dataSource = await openDataSource((await testPostgres()).url);
  onTestFinished(() => dataSource.destroy());
  const store = new PostgresViewStore(dataSource);
  let position = 0n;
  const happened = async (...events: readonly (readonly [cluster: string, event: AccountEvent])[]): Promise<void> => {
    for (const view of [workspacesView, resourcesView] as readonly View[]) {
      const changes = events.flatMap(([cluster, event], index) =>
        view.changes({ cluster, position: position + BigInt(index) + 1n, revision: 0n, event }),
      );
      const { epoch } = await store.lead(view.table);
      await store.apply(view, changes, { epoch, position: position + BigInt(events.length) });
    }
    position += BigInt(events.length);
  };
  const search = new PostgresResources(dataSource);
  const names = async (query: Partial<ResourceQuery>): Promise<string[]> => {
    const page = await search.find({ clusters: 'all', ...query }, { limit: 100 });
    return page.type === 'page' ? page.found.map(({ name }) => name) : [page.message];
  };
  await happened(...wanted.map((each): [string, AccountEvent] => [each.cluster ?? 'c1', declared(each)]));
  return { dataSource, happened, search, names };
}

describe('objects of all workspaces', () => {
  it('are found with where they stand and how they are', async () => {
    const { happened, search } = await given();
    const spec = { replicas: 9_007_199_254_740_993n, odd: 'a\0b\ud800', 'k\0': '\\u0000 stays' };
    await happened(
      ['c1', { type: 'WorkspaceOpened', cluster: 'c1', path: 'root:orgs:acme', owner: null, by }],
      ['c1', declared({ name: 'web', spec })],
    );
    const status = {
      conditions: [{ type: 'Ready', status: 'False', reason: 'NoDisk', message: 'no disk', lastTransitionTime: '2026-11-23T09:00:00Z' }],
    };
    await happened(['c1', declared({ name: 'web', spec, status }, 'StatusReported')]);
    const page = await search.find({ clusters: ['c1'] }, { limit: 10 });
    expect(page).toMatchObject({
      type: 'page',
      found: [
        {
          cluster: 'c1',
          path: 'root:orgs:acme',
          kind: 'Gadget',
          creator: 'ada',
          ready: 'False',
          health: { word: 'InProgress', turn: 'consumer', since: '2026-11-23T09:00:00.000Z', reason: 'no disk' },
          object: { spec: { replicas: 9_007_199_254_740_993n, odd: 'a\ufffdb\ufffd', 'k\ufffd': '\\u0000 stays' } },
        },
      ],
    });
    expect(page).not.toHaveProperty('next');
  });

  it('are seen only in the clusters that the caller may see', async () => {
    const { names, search } = await given({ name: 'a', cluster: 'c1' }, { name: 'b', cluster: 'c2' }, { name: 'c', cluster: 'c3' });
    expect(await names({ clusters: ['c1', 'c3'] })).toEqual(['a', 'c']);
    expect(await names({ clusters: [] })).toEqual([]);
    expect([await search.count({ clusters: [] }), await search.count({ clusters: 'all' })]).toEqual([0, 3]);
  });

  it('are seen of some kinds only where the caller may see no others', async () => {
    const { names, search } = await given(
      { name: 'a', cluster: 'c1' },
      { name: 'b', cluster: 'c2' },
      { name: 'c', cluster: 'c2', resource: 'widgets' },
      { name: 'd', cluster: 'c3' },
    );
    const found = await search.kinds({ clusters: ['c1', 'c2'] }, 10);
    expect(found).toMatchObject({ more: false });
    expect(found.kinds.map(({ cluster, resource }) => `${cluster} ${resource}`)).toEqual(['c1 gadgets', 'c2 gadgets', 'c2 widgets']);
    expect(await search.kinds({ clusters: 'all' }, 2)).toMatchObject({ more: true });
    const widgets = found.kinds.filter(({ resource }) => resource === 'widgets');
    expect(await names({ clusters: [], kinds: widgets })).toEqual(['c']);
    expect(await names({ clusters: ['c1'], kinds: widgets })).toEqual(['a', 'c']);
  });

  it('are found by labels as a watch would select them', async () => {
    const labelled = (name: string, labels: Record<string, string>) => ({ name, metadata: { labels } });
    const { names } = await given(labelled('a', { team: 'blue', size: '5' }), labelled('b', { team: 'red', size: 'x' }), { name: 'c' });
    const selected = (text: string): Promise<string[]> => {
      const parsed = parseLabelSelector(text);
      if (parsed.type === 'malformed') throw new Error(parsed.message);
      return names({ labels: parsed.requirements });
    };
    expect(await selected('team=blue')).toEqual(['a']);
    expect(await selected('team in (blue,red)')).toEqual(['a', 'b']);
    expect(await selected('team!=blue')).toEqual(['b', 'c']);
    expect(await selected('team notin (blue,red)')).toEqual(['c']);
    expect(await selected('team')).toEqual(['a', 'b']);
    expect(await selected('!team')).toEqual(['c']);
    expect(await selected('size>4')).toEqual(['a']);
    expect(await selected('size<4,team')).toEqual([]);
  });

  it('are found by health, creator, owner and words', async () => {
    const stalled = { conditions: [{ type: 'Stalled', status: 'True', message: 'm' }] };
    const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'o', uid: 'o1' };
    const { names } = await given(
      { name: 'web-01', spec: { region: 'eu-west', note: 'Über uns' } },
      { name: 'broken', status: stalled as never, metadata: { ownerReferences: [owner] } },
    );
    expect(await names({ health: ['Failed', 'Terminating'] })).toEqual(['broken']);
    expect(await names({ turn: ['consumer'] })).toEqual(['broken']);
    expect(await names({ owner: 'o1' })).toEqual(['broken']);
    expect(await names({ creator: 'ada', ready: ['True'] })).toEqual([]);
    expect(await names({ text: 'WEST über' })).toEqual(['web-01']);
    expect(await names({ text: 'we' })).toEqual(['web-01']);
    expect(await names({ text: 'gadget' })).toEqual(['broken', 'web-01']);
    expect(await names({ text: `' & ! \\ :* east` })).toEqual([]);
    expect(await names({ name: `x' OR '1'='1\0` })).toEqual([]);
  });

  it('come in pages that neither skip nor repeat while objects come and go', async () => {
    const time = (index: number): string => `2026-11-23T08:00:0${index % 3}Z`;
    const all = Array.from({ length: 25 }, (_, index) => ({
      name: `n${String(index).padStart(2, '0')}`,
      metadata: { creationTimestamp: time(index) },
    }));
    const { search, happened } = await given(...all);
    for (const order of [{ by: 'created' }, { by: 'created', descending: true }, { by: 'name' }] as readonly ResourceOrder[]) {
      const seen: string[] = [];
      let after: string | undefined;
      do {
        const page: ResourcePage = await search.find({ clusters: 'all' }, { order, limit: 4, ...(after === undefined ? {} : { after }) });
        if (page.type === 'refused') throw new Error(page.message);
        seen.push(...page.found.map(({ name }) => name));
        // What stands before the page may go and come.
        await happened(['c0', declared({ name: 'n00' })]);
        after = page.next;
      } while (after !== undefined);
      expect(seen.filter((name) => name !== 'n00').sort()).toEqual(all.slice(1).map(({ name }) => name));
    }
    const page = await search.find({ clusters: 'all' }, { order: { by: 'created' }, limit: 4 });
    const next = page.type === 'page' ? page.next : undefined;
    expect(await search.find({ clusters: 'all' }, { order: { by: 'name' }, limit: 4, after: next ?? '' })).toMatchObject({
      type: 'refused',
    });
    expect(await search.find({ clusters: 'all' }, { limit: 4, after: 'bogus' })).toMatchObject({ type: 'refused' });
  });

  it('go, and so do all of a workspace', async () => {
    const { names, happened } = await given({ name: 'a' }, { name: 'b' }, { name: 'c', cluster: 'c2' });
    await happened(['c1', { ...declared({ name: 'a' }), type: 'ResourceRemoved' } as AccountEvent]);
    expect(await names({})).toEqual(['b', 'c']);
    await happened(['c1', declared({ name: 'd' })], ['c1', { type: 'WorkspaceClosed', by }], ['c2', declared({ name: 'e' })]);
    expect(await names({})).toEqual(['c', 'e']);
  });
});
