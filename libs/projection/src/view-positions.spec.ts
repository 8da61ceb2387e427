import { expect, it } from 'vitest';
import { MemoryEventLog } from '#stream';
import { ViewPositions } from './view-positions.ts';
import type { ViewState, ViewStore } from './view-store.ts';

function given(states: readonly ViewState[]) {
  const left = [...states];
  const last = states.at(-1) ?? { position: 0n, failure: null };
  const store: ViewStore = {
    state: async () => left.shift() ?? last,
    failures: async () => [],
    lead: async () => ({ epoch: 1n, position: 0n }),
    apply: async () => 'applied',
    stop: async () => undefined,
  };
  return new ViewPositions(store, new MemoryEventLog());
}

const at = (position: bigint, failure: string | null = null): ViewState => ({ position, failure });

it('waits for what another process writes', async () => {
  expect(await given([at(1n), at(2n), at(5n)]).reached('resources', 4n, 20_000)).toEqual({ type: 'reached' });
  expect(await given([at(0n)]).caughtUp('resources', 0)).toEqual({ type: 'reached' });
});

it('hears from a view in its own process without looking, even where nothing was written', async () => {
  const positions = given([at(0n)]);
  const running = {
    table: 'resources',
    position: 4n,
    state: 'leading',
    lag: async () => 0,
    waitForPosition: async () => undefined,
    ended: Promise.resolve(),
  } as const;
  positions.join([running]);
  expect(await positions.reached('resources', 4n, 0)).toEqual({ type: 'reached' });
  expect(await positions.reached('history', 4n, 0)).toMatchObject({ type: 'behind' });
});

it('says how far a view is that does not come in time', async () => {
  expect(await given([at(1n)]).reached('resources', 4n, 30)).toEqual({
    type: 'behind',
    table: 'resources',
    position: 1n,
    wanted: 4n,
    failure: null,
  });
});

it('does not wait long for one that stands still, but gives it a moment', async () => {
  const poisoned = await given([at(1n, 'poison')]).reached('resources', 4n, 600_000);
  expect(poisoned).toMatchObject({ type: 'behind', failure: 'poison' });
  expect(await given([at(1n, 'poison'), at(1n), at(4n)]).reached('resources', 4n, 20_000)).toEqual({ type: 'reached' });
});
