import type { House } from '#workspace';
import { bind } from './bind.ts';
import type { Where } from './reaction.ts';
import { readWaiting, waitingStream } from './waiting.ts';

/** An export or a schema changed: the bindings that wait for this provider are tried again. */
export async function retryWaiting(house: House, { cluster: providerCluster, cause }: Where): Promise<void> {
  const stream = waitingStream(providerCluster);
  const head = await house.log.head(stream);
  if (head < 0n) return;
  for (const { cluster, key, uid } of await readWaiting(house, stream)) await bind(house, { key, uid }, { cluster, cause });
  await house.log.truncate(stream, head + 1n);
}
