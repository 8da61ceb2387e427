import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { openDataSource, PostgresEventLog, startEmbeddedPostgres } from '#adapter-postgres';
import { encodeEvent, streamOf, type AccountEvent } from '#account';
import type { NewEvent } from '#stream';
import { silentLogger } from '#telemetry';

export type Stored = {
  readonly log: PostgresEventLog;
  readonly ask: <Row>(sql: string) => Promise<Row[]>;
};

/** The database of a server that does not run, for what would take the server hours. */
export async function inStore<Result>(folder: string, work: (stored: Stored) => Promise<Result>): Promise<Result> {
  const database = await startEmbeddedPostgres({ folder: join(folder, 'postgres'), log: silentLogger });
  const source = await openDataSource(database.url);
  const log = await PostgresEventLog.open({ url: database.url, soleWriter: true });
  try {
    return await work({ log, ask: (sql) => source.query(sql) });
  } finally {
    await log.close();
    await source.destroy();
    await database.stop();
  }
}

/** As if all who follow the log had seen it to its end: what is measured is not how they catch up. */
export async function passedByAll({ log, ask }: Stored): Promise<void> {
  const head = await log.headOfAll();
  await ask(`UPDATE checkpoints SET position = ${head}`);
  await ask(`UPDATE view_states SET position = ${head}`);
}

const by = {
  user: 'bench@acme.test',
  userAgent: 'kubectl/v1.34.0 (linux/amd64) kubernetes/0000000',
  fieldManager: 'kubectl-client-side-apply',
  at: '2026-01-01T00:00:00.000Z',
  cause: '0a1b2c3d-0000-4000-8000-000000000000',
};

export type WrittenMap = { readonly cluster: string; readonly index: number; readonly uid: string; readonly revision: bigint };

/** A ConfigMap that was created or changed, as the server itself would have recorded it: about 0.8 KB. */
export function mapEvent(type: 'ResourceDeclared' | 'SpecRevised', { cluster, index, uid, revision }: WrittenMap): NewEvent {
  const name = `map-${String(index).padStart(6, '0')}`;
  const event: AccountEvent = {
    type,
    key: { group: '', resource: 'configmaps', namespace: 'default', name },
    uid,
    object: {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        name,
        namespace: 'default',
        uid,
        resourceVersion: String(revision + 1n),
        creationTimestamp: '2026-01-01T00:00:00Z',
        labels: { 'app.kubernetes.io/name': 'bench' },
        annotations: { 'kcp.io/cluster': cluster },
        managedFields: [
          {
            manager: 'kubectl-client-side-apply',
            operation: 'Update',
            apiVersion: 'v1',
            time: '2026-01-01T00:00:00Z',
            fieldsType: 'FieldsV1',
            fieldsV1: { 'f:data': { '.': {}, 'f:note': {} }, 'f:metadata': { 'f:labels': { '.': {}, 'f:app.kubernetes.io/name': {} } } },
          },
        ],
      },
      data: { note: `written at revision ${revision}` },
    },
    by,
  };
  return { id: randomUUID(), type, data: encodeEvent(event) };
}

const batchSize = 1_000;

/** Writes an account's history: `objects` ConfigMaps, and then changes of them, until so many events are written. */
export async function writeHistory(
  { log }: Stored,
  { cluster, objects, events }: { readonly cluster: string; readonly objects: number; readonly events: number },
): Promise<void> {
  const stream = streamOf(cluster);
  const uids = Array.from({ length: objects }, () => randomUUID());
  let head = await log.head(stream);
  for (let written = 0; written < events; written += batchSize) {
    const batch = Array.from({ length: Math.min(batchSize, events - written) }, (_, offset) => {
      const index = (written + offset) % objects;
      const type = written + offset < objects ? 'ResourceDeclared' : 'SpecRevised';
      return mapEvent(type, { cluster, index, uid: uids[index] ?? '', revision: head + 1n + BigInt(offset) });
    });
    const result = await log.append(stream, head, batch);
    if (result.type === 'conflict') throw new Error(`somebody else writes to ${stream}`);
    head = result.revision;
  }
}
