import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { encodeHeaders, formatSequence, specTopic, statusTopic, topicsOf, type ProviderChannel, type WireRecord } from '#provider-sdk';
import { ChannelFenced, replayHeader, type Channel, type StatusRecord } from '../channel.ts';

/** One way between mesh and providers, empty at first; each call opens another end of it. */
export interface ChannelWorld {
  bridgeEnd(): Promise<Channel>;
  providerEnd(): Promise<ProviderChannel>;
  close(): Promise<void>;
}

const exportName = 'things.example.io';
const patience = { timeout: 20_000, interval: 5 };

/** What every `Channel` and its `ProviderChannel` promise. `fences`: a second bridge takes over from the first. */
export function channelContract(name: string, open: () => Promise<ChannelWorld>, { fences }: { readonly fences: boolean }): void {
  describe(`${name} as a channel`, () => {
    let world: ChannelWorld;
    let bridge: Channel;
    let provider: ProviderChannel;
    const stopping: AbortController[] = [];
    beforeEach(async () => {
      world = await open();
      bridge = await world.bridgeEnd();
      provider = await world.providerEnd();
      expect(await bridge.ensureTopics(topicsOf(bridge.prefix, exportName, ['things']))).toEqual({ type: 'ready' });
    });
    afterEach(async () => {
      for (const controller of stopping.splice(0)) controller.abort();
      await world.close();
    });
    const signal = (): AbortSignal => {
      const controller = new AbortController();
      stopping.push(controller);
      return controller.signal;
    };

    const spec = (key: string, value: string | null, sequence: number): WireRecord => ({
      ...record(key, value, sequence),
      topic: specTopic(bridge.prefix, exportName, 'things'),
    });
    const report = (key: string, value: string, sequence: number): WireRecord => ({
      ...record(key, value, sequence),
      topic: statusTopic(bridge.prefix, exportName, 'things'),
    });
    const follow = (end: ProviderChannel) => {
      const seen: WireRecord[] = [];
      const caughtUp = vi.fn();
      const ended = end.subscribe(
        { export: exportName, plurals: ['things'] },
        { records: (batch) => void seen.push(...batch), caughtUp },
        signal(),
      );
      return { seen, caughtUp, ended };
    };
    const listen = (end: Channel, receive?: (batch: readonly StatusRecord[]) => Promise<void>) => {
      const seen: StatusRecord[] = [];
      void end.statuses(receive ?? (async (batch) => void seen.push(...batch)), signal());
      return seen;
    };

    test('remembers how far it is, also without records, and for the next bridge', async () => {
      expect(await bridge.checkpoint()).toBe(0n);
      await bridge.deliver([spec('acc/u1', '{}', 1)], 7n);
      await bridge.deliver([], 9n);
      expect(await bridge.checkpoint()).toBe(9n);
      expect(await (await world.bridgeEnd()).checkpoint()).toBe(9n);
    });

    test('topics are made once and found again', async () => {
      expect(await bridge.ensureTopics(topicsOf(bridge.prefix, exportName, ['things', 'others']))).toEqual({ type: 'ready' });
      expect(await bridge.ensureTopics(topicsOf(bridge.prefix, exportName, ['things', 'others']))).toEqual({ type: 'ready' });
    });

    test('a provider that comes later gets the last order of each key, then what follows, tombstones included', async () => {
      await bridge.checkpoint();
      await bridge.deliver([spec('acc/u1', '"old"', 1), spec('acc/u2', '"two"', 2)], 2n);
      await bridge.deliver([spec('acc/u1', '"new"', 3)], 3n);
      const { seen, caughtUp } = follow(provider);
      await vi.waitFor(() => expect(caughtUp).toHaveBeenCalledOnce(), patience);
      expect(last(seen)).toEqual({ 'acc/u1': '"new"', 'acc/u2': '"two"' });
      expect(seen.at(-1)!.headers).toMatchObject({ ce_specversion: '1.0', ce_sequence: expect.stringMatching(/^\d{20}$/) });
      await bridge.deliver([spec('acc/u2', null, 4), spec('acc/u3', '"three"', 5)], 5n);
      await vi.waitFor(() => expect(last(seen)).toEqual({ 'acc/u1': '"new"', 'acc/u2': null, 'acc/u3': '"three"' }), patience);
    });

    test('a provider of an export without orders is caught up at once', async () => {
      const { seen, caughtUp } = follow(provider);
      await vi.waitFor(() => expect(caughtUp).toHaveBeenCalledOnce(), patience);
      expect(seen).toEqual([]);
    });

    test('reports arrive in the order of their key, each at its place', async () => {
      const seen = listen(bridge);
      for (let sequence = 1; sequence <= 20; sequence += 1)
        await provider.report(report(`acc/u${sequence % 2}`, `"${sequence}"`, sequence));
      await vi.waitFor(() => expect(seen).toHaveLength(20), patience);
      const ofOne = seen.filter(({ key }) => key === 'acc/u1').map(({ value }) => value);
      expect(ofOne).toEqual(ofOne.toSorted((a, b) => Number(a?.slice(1, -1)) - Number(b?.slice(1, -1))));
      expect(new Set(seen.map(({ topic, partition, offset }) => `${topic}/${partition}/${offset}`)).size).toBe(20);
      expect(seen[0]!.headers['ce_sequence']).toMatch(/^\d{20}$/);
    });

    test('a batch whose receiver fails comes again', async () => {
      const attempts: string[][] = [];
      listen(bridge, async (batch) => {
        attempts.push(batch.map(({ value }) => value ?? ''));
        if (attempts.length < 3) throw new Error('the log is away');
      });
      await provider.report(report('acc/u1', '"a"', 1));
      await vi.waitFor(() => expect(attempts.length).toBeGreaterThanOrEqual(3), patience);
      expect(attempts.slice(0, 3)).toEqual([['"a"'], ['"a"'], ['"a"']]);
    });

    test('the newest parked report of a key is found again by the next bridge, and replayed once', async () => {
      const parked = (value: string, offset: string, reason: string) => ({
        record: { ...report('acc/u1', value, 1), partition: 3, offset },
        reason,
        attempts: 1,
      });
      const newest = parked('"b"', '11', 'an earlier report of this key is parked');
      await bridge.park(parked('"a"', '10', 'no schema fits'));
      await bridge.park(newest);
      const next = await world.bridgeEnd();
      const found = await next.parked();
      expect(found).toEqual([newest]);
      const seen = listen(next);
      await next.replay(found[0]!);
      await vi.waitFor(() => expect(seen).toMatchObject([{ key: 'acc/u1', value: '"b"', headers: { [replayHeader]: 'true' } }]), patience);
      expect(await next.parked()).toEqual([]);
    });

    test('a parked report that is given up frees its key, and brings nothing', async () => {
      const given = { record: { ...report('acc/u1', '"a"', 1), partition: 3, offset: '10' }, reason: 'no schema fits', attempts: 1 };
      await bridge.park(given);
      const seen = listen(bridge);
      await bridge.drop(given);
      await vi.waitFor(() => expect(seen).toMatchObject([{ key: 'acc/u1', value: null, headers: { [replayHeader]: 'true' } }]), patience);
      expect(await bridge.parked()).toEqual([]);
    });

    test.runIf(fences)('a second bridge fences the first, and loses nothing of it', async () => {
      await bridge.checkpoint();
      await bridge.deliver([spec('acc/u1', '"one"', 1)], 1n);
      const second = await world.bridgeEnd();
      expect(await second.checkpoint()).toBe(1n);
      await expect(bridge.deliver([spec('acc/u1', '"stale"', 2)], 2n)).rejects.toBeInstanceOf(ChannelFenced);
      await expect(bridge.checkpoint()).rejects.toBeInstanceOf(ChannelFenced);
      await second.deliver([spec('acc/u1', '"two"', 2)], 2n);
      const { seen, caughtUp } = follow(provider);
      await vi.waitFor(() => expect(caughtUp).toHaveBeenCalledOnce(), patience);
      expect(seen.map(({ value }) => value)).not.toContain('"stale"');
      expect(last(seen)).toEqual({ 'acc/u1': '"two"' });
    });
  });
}

function record(key: string, value: string | null, sequence: number): Omit<WireRecord, 'topic'> {
  const headers = encodeHeaders({
    id: crypto.randomUUID(),
    source: '/',
    type: 'SpecRevised',
    subject: key,
    time: '2026-01-01T00:00:00Z',
    sequence: formatSequence(BigInt(sequence)),
  });
  return { key, value, headers };
}

const last = (seen: readonly WireRecord[]): Record<string, string | null> =>
  Object.fromEntries(seen.map(({ key, value }) => [key ?? '', value]));
