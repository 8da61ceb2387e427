import type { ServerCertificates } from '#access';
import { MemoryEventLog, MemorySnapshotStore } from '#stream';
import { startGoldenServer } from './golden-server.ts';

const maps = '/api/v1/namespaces/default/configmaps';
const headers = { 'content-type': 'application/json' };
const map = (name: string): string => JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } });

/**
 * A server that was started anew, over a log whose beginning is gone. There are the ConfigMaps `a` to `e`, and some more before; `before` is
 * the text of a page of two of them, when there was no `c` yet.
 */
export async function startTruncatedServer(certificates?: ServerCertificates) {
  const [log, snapshots] = [new MemoryEventLog(), new MemorySnapshotStore()];
  const first = await startGoldenServer({ log, snapshots });
  const create = async (name: string): Promise<void> => {
    const { code, text } = await first.send('POST', maps, headers, map(name));
    if (code !== 201) throw new Error(`${name} was not created: ${code} ${text}`);
  };
  // So many events that their fold is worth a snapshot when the server ends.
  await Promise.all(Array.from({ length: 110 }, (_, index) => create(`filler-${index}`)));
  for (const name of ['a', 'b', 'd', 'e']) await create(name);
  const { text: before } = await first.send('GET', `${maps}?limit=2`);
  await create('c');
  await first.stop();
  await log.truncate('account-root', await log.head('account-root'));
  return { server: await startGoldenServer({ log, snapshots, ...(certificates ? { certificates } : {}) }), before };
}
