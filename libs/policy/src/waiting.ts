import { randomUUID } from 'node:crypto';
import type { ResourceKey } from '#kube';
import { StreamTruncated } from '#stream';
import type { House } from '#workspace';
import { bind } from './bind.ts';
import type { Where } from './reaction.ts';

/** A binding whose export is not complete yet. */
type WaitingBinding = { readonly cluster: string; readonly key: ResourceKey; readonly uid: string };

const streamOf = (providerCluster: string): string => `waiting-${providerCluster}`;

/** Notes that a binding waits for something in a provider's workspace. */
export async function waitFor(house: House, providerCluster: string, waiting: WaitingBinding): Promise<void> {
  const stream = streamOf(providerCluster);
  for (;;) {
    const event = { id: randomUUID(), type: 'BindingWaits', data: JSON.stringify(waiting) };
    const result = await house.log.append(stream, await house.log.head(stream), [event]);
    if (result.type === 'appended') return;
  }
}

/** An export or a schema changed: the bindings that wait for this provider are tried again. */
export async function retryWaiting(house: House, { cluster: providerCluster, cause }: Where): Promise<void> {
  const stream = streamOf(providerCluster);
  const head = await house.log.head(stream);
  if (head < 0n) return;
  for (const { cluster, key, uid } of await readWaiting(house, stream)) await bind(house, { key, uid }, { cluster, cause });
  await house.log.truncate(stream, head + 1n);
}

async function readWaiting(house: House, stream: string, from = 0n): Promise<readonly WaitingBinding[]> {
  try {
    const waiting: WaitingBinding[] = [];
    for await (const { data } of house.log.readStream(stream, from)) waiting.push(JSON.parse(data) as WaitingBinding);
    return waiting;
  } catch (failure) {
    if (failure instanceof StreamTruncated) return readWaiting(house, stream, failure.first);
    throw failure;
  }
}
