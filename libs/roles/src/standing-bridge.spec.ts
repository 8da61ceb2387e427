import { expect, test, vi } from 'vitest';
import type { Bridge } from '#bridge';
import type { Leadership } from '#projection';
import { silentLogger } from '#telemetry';
import { standingBridge } from './standing-bridge.ts';

const patience = { timeout: 20_000 };

/** One lead, which passes on when it is released or taken away. */
function oneLead() {
  let lost: AbortController | undefined;
  const leadership: Leadership = {
    async lead(_, signal) {
      while (!signal.aborted) {
        if (!lost) {
          const mine = (lost = new AbortController());
          return { lost: mine.signal, release: () => Promise.resolve(void (lost === mine && (lost = undefined))) };
        }
        await new Promise((resolve) => setImmediate(resolve));
      }
      return undefined;
    },
  };
  const takeAway = (): void => {
    const gone = lost;
    lost = undefined;
    gone?.abort();
  };
  return { leadership, takeAway };
}

/** One of several processes: how many bridges are open now, how often one was begun, and a way to fence the one that carries. */
function member(leadership: Leadership, failures: Error[] = []) {
  const seen = { open: 0, begun: 0, fence: (): void => undefined };
  const carry = () => {
    const failure = failures.shift();
    if (failure) return Promise.reject(failure);
    seen.begun += 1;
    seen.open += 1;
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    seen.fence = resolve;
    const carrying = { state: 'carrying', lag: 0n } as const;
    const bridge: Bridge = { ended, health: () => Promise.resolve({ specs: carrying, statuses: carrying }), stop: () => Promise.resolve() };
    const stop = (): Promise<void> => {
      seen.open -= 1;
      return Promise.resolve();
    };
    return Promise.resolve({ bridge, stop });
  };
  const bridge = standingBridge({ leadership, name: 'bridge', carry, logger: silentLogger, yieldMs: 1 });
  const state = async (): Promise<string> => (await bridge.health()).specs.state;
  const untilIs = (expected: string) => vi.waitFor(async () => expect(await state()).toBe(expected), patience);
  return { bridge, seen, untilIs };
}

test('one carries; another stands by, and goes on where the first is stopped', async () => {
  const { leadership } = oneLead();
  const first = member(leadership);
  await first.untilIs('carrying');
  const second = member(leadership);
  await second.untilIs('standby');
  expect(second.seen.begun).toBe(0);
  await first.bridge.stop();
  expect(first.seen.open).toBe(0);
  await first.untilIs('stopped');
  await second.untilIs('carrying');
  await second.bridge.stop();
  expect(second.seen.open).toBe(0);
});

test('ends what it carries when the lead is lost, and begins anew when it leads again', async () => {
  const { leadership, takeAway } = oneLead();
  const { bridge, seen } = member(leadership);
  await vi.waitFor(() => expect(seen.begun).toBe(1), patience);
  takeAway();
  await vi.waitFor(() => expect(seen).toMatchObject({ begun: 2, open: 1 }), patience);
  await bridge.stop();
});

test('that was fenced by one that does not stand by takes its turn again', async () => {
  const { leadership } = oneLead();
  const { bridge, seen } = member(leadership);
  await vi.waitFor(() => expect(seen.begun).toBe(1), patience);
  seen.fence();
  await vi.waitFor(() => expect(seen).toMatchObject({ begun: 2, open: 1 }), patience);
  await bridge.stop();
});

test('tries again where it cannot begin, and lets others try', async () => {
  const { leadership } = oneLead();
  const { bridge, seen } = member(leadership, [new Error('no certificate'), new Error('no certificate')]);
  await vi.waitFor(() => expect(seen.begun).toBe(1), patience);
  await bridge.stop();
});

test('ends at once while it stands by', async () => {
  const { leadership } = oneLead();
  const first = member(leadership);
  await first.untilIs('carrying');
  const second = member(leadership);
  await second.bridge.stop();
  expect(second.seen.begun).toBe(0);
  await first.bridge.stop();
});
