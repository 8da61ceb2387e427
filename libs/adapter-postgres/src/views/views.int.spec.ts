import { randomUUID } from 'node:crypto';
import { describe, expect, it, onTestFinished } from 'vitest';
import { encodeEvent } from '#account';
import type { AccountEvent } from '#account';
import { catalogueView, runProjection, ViewsUnavailable, workspacesView } from '#projection';
import type { KubeObject } from '#kube';
import { MemoryEventLog } from '#stream';
import { silentLogger } from '#telemetry';
import { openDataSource } from '../schema/data-source.ts';
import { testPostgres } from '../testing/test-postgres.ts';
import { PostgresCatalogue } from './postgres-catalogue.ts';
import { PostgresViewStore } from './postgres-view-store.ts';

const by = { user: 'ada', userAgent: 'kubectl', fieldManager: 'kubectl', at: '2026-11-23T00:00:00.000Z', cause: 'audit' };

function declared(kind: 'APIExport' | 'ProviderMetadata', name: string, labels: Record<string, string> = {}): AccountEvent {
  const [group, resource] = kind === 'APIExport' ? ['apis.kcp.io', 'apiexports'] : ['ui.platform-mesh.io', 'providermetadatas'];
  const object: KubeObject = { apiVersion: `${group}/v1alpha1`, kind, metadata: { name, labels }, spec: { text: `"漢" ${name}` } };
  return { type: 'ResourceDeclared', key: { group, resource, namespace: '', name }, uid: `uid-${name}`, object, by };
}

const opened = (cluster: string, path: string): AccountEvent => ({ type: 'WorkspaceOpened', cluster, path, owner: null, by });
const exportOf = (metadata: string): AccountEvent => declared('APIExport', 'httpbin.io', { 'ui.platform-mesh.io/content-for': metadata });

async function given() {
  const dataSource = await openDataSource((await testPostgres()).url);
  onTestFinished(() => dataSource.destroy());
  const log = new MemoryEventLog();
  const store = new PostgresViewStore(dataSource);
  const stopping = new AbortController();
  const views = [workspacesView, catalogueView].map((view) =>
    runProjection(view, { log, store, logger: silentLogger, signal: stopping.signal }),
  );
  const stop = async (): Promise<void> => {
    stopping.abort();
    await Promise.all(views.map((view) => view.ended));
  };
  onTestFinished(stop);
  const happened = async (cluster: string, ...events: AccountEvent[]): Promise<void> => {
    const stream = `account-${cluster}`;
    await log.append(
      stream,
      await log.head(stream),
      events.map((event) => ({ id: randomUUID(), type: event.type, data: encodeEvent(event) })),
    );
    const head = await log.headOfAll();
    await Promise.all(views.map((view) => view.waitForPosition(head)));
  };
  return { dataSource, store, happened, stop, catalogue: new PostgresCatalogue(dataSource) };
}

describe('views in PostgreSQL', () => {
  it('offers every export that a ProviderMetadata beside it presents', async () => {
    const { happened, catalogue } = await given();
    await happened(
      'c1',
      opened('c1', 'root:providers:httpbin'),
      exportOf('web'),
      declared('ProviderMetadata', 'web'),
      declared('APIExport', 'unlabelled.io'),
    );
    await happened('c2', opened('c2', 'root:providers:another'), exportOf('web'));
    const offers = await catalogue.offers();
    expect(offers).toMatchObject([
      {
        providerPath: 'root:providers:httpbin',
        apiExport: { metadata: { name: 'httpbin.io' } },
        providerMetadata: { metadata: { name: 'web' }, spec: { text: '"漢" web' } },
      },
    ]);
    expect((await catalogue.offers())[0]?.apiExport).toBe(offers[0]?.apiExport);
  });

  it('follows changes, removals, and the closing of a workspace', async () => {
    const { happened, catalogue, dataSource } = await given();
    await happened('c1', opened('c1', 'root:a'), exportOf('none'), declared('ProviderMetadata', 'web'));
    expect(await catalogue.offers()).toEqual([]);
    const revised = { ...exportOf('web'), type: 'MetadataRevised' } as AccountEvent;
    await happened('c1', revised, revised);
    expect(await catalogue.offers()).toHaveLength(1);
    await happened('c1', { ...declared('ProviderMetadata', 'web'), type: 'ResourceRemoved' } as AccountEvent);
    expect(await catalogue.offers()).toEqual([]);
    await happened('c1', declared('ProviderMetadata', 'web'));
    expect(await catalogue.offers()).toHaveLength(1);
    await happened('c1', { type: 'WorkspaceClosing', by });
    expect(await catalogue.offers()).toEqual([]);
    await happened('c1', { type: 'WorkspaceClosed', by });
    expect(await dataSource.query('SELECT FROM catalogue UNION ALL SELECT FROM workspaces')).toEqual([]);
  });

  it('keeps rows and checkpoint together: what the table refuses moves neither', async () => {
    const { store, stop } = await given();
    await stop();
    const row = { cluster: 'c', path: 'root:c', parent: null, closing: false, position: 9_007_199_254_740_993n };
    const { epoch } = await store.lead('workspaces');
    await store.apply(workspacesView, [{ type: 'put', row }], { epoch, position: 5n });
    await expect(
      store.apply(
        workspacesView,
        [
          { type: 'drop', where: { cluster: 'c' } },
          { type: 'put', row: { ...row, path: null } },
        ],
        { epoch, position: 6n },
      ),
    ).rejects.toThrow(/path/);
    expect(await store.state('workspaces')).toEqual({ position: 5n, failure: null });
    const nothingNamed = store.apply(workspacesView, [{ type: 'drop', where: {} }], { epoch, position: 6n });
    await expect(nothingNamed).rejects.toThrow(TypeError);
  });

  it('says when it cannot be reached', async () => {
    const { url } = await testPostgres();
    const readOnly = await openDataSource(`${url}?options=-c%20default_transaction_read_only%3Don`);
    onTestFinished(() => readOnly.destroy());
    await expect(new PostgresViewStore(readOnly).apply(workspacesView, [], { epoch: 1n, position: 1n })).rejects.toThrow(ViewsUnavailable);
  });
});
