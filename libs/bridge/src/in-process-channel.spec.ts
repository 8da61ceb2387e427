import { queryObjects } from 'node:v8';
import { expect, test } from 'vitest';
import { MemoryChannelStore } from './channel-store.ts';
import { InProcessChannel } from './in-process-channel.ts';
import { channelContract } from './testing/channel-contract.ts';

// Both ends are in one process, which has one bridge: there is nothing to fence.
channelContract(
  'the in-process channel',
  async () => {
    const store = new MemoryChannelStore();
    const channels: InProcessChannel[] = [];
    return {
      bridgeEnd: async () => {
        channels.push(new InProcessChannel(store, 'mesh'));
        return channels.at(-1)!;
      },
      providerEnd: async () => channels.at(-1)!.forProvider(),
      close: () => Promise.resolve(),
    };
  },
  { fences: false },
);

test('reports leave nothing behind, however many come', async () => {
  const channel = new InProcessChannel(new MemoryChannelStore(), 'mesh');
  const stopping = new AbortController();
  const listening = channel.statuses(() => Promise.resolve(), stopping.signal);
  const provider = channel.forProvider();
  const report = { topic: 'mesh.status', key: 'a/b', value: '{}', headers: {} };
  await provider.report(report);
  const promises = (): number => queryObjects(Promise, { format: 'count' });
  const before = promises();
  for (let count = 0; count < 500; count += 1) await provider.report(report);
  expect(promises() - before).toBeLessThan(100);
  stopping.abort();
  await listening;
});
