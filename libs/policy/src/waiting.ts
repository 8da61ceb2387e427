import { randomUUID } from 'node:crypto';
import type { ResourceKey } from '#kube';
import { StreamTruncated } from '#stream';
import type { House } from '#workspace';

/** A binding whose export is not complete yet. */
export type WaitingBinding = { readonly cluster: string; readonly key: ResourceKey; readonly uid: string };

export const waitingStream = (providerCluster: string): string => `waiting-${providerCluster}`;

/** Notes that a binding waits for something in a provider's workspace. */
export async function waitFor(house: House, providerCluster: string, waiting: WaitingBinding): Promise<void> {
  const stream = waitingStream(providerCluster);
  for (;;) {
    const event = { id: randomUUID(), type: 'BindingWaits', data: JSON.stringify(waiting) };
    const result = await house.log.append(stream, await house.log.head(stream), [event]);
    if (result.type === 'appended') return;
  }
}

/** The bindings that wait, oldest first. */
export async function readWaiting(house: House, stream: string, from = 0n): Promise<readonly WaitingBinding[]> {
  try {
    const waiting: WaitingBinding[] = [];
    for await (const { data } of house.log.readStream(stream, from)) waiting.push(JSON.parse(data) as WaitingBinding);
    return waiting;
  } catch (failure) {
    if (failure instanceof StreamTruncated) return readWaiting(house, stream, failure.first);
    throw failure;
  }
}
