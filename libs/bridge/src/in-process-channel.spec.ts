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
