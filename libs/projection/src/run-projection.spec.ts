import { randomUUID } from 'node:crypto';
import { describe, expect, it, vi } from 'vitest';
import { encodeEvent } from '#account';
import type { AccountEvent } from '#account';
import { MemoryEventLog } from '#stream';
import type { NewEvent } from '#stream';
import { silentLogger } from '#telemetry';
import { alone, type Leadership } from './leadership.ts';
import { PoisonEvent } from './poison-event.ts';
import type { View, ViewChange } from './projection.ts';
import { restMs, runProjection, type ProjectionOptions } from './run-projection.ts';
import { ViewsUnavailable } from './view-store.ts';
import type { ViewLead, ViewState, ViewStore } from './view-store.ts';
import { workspacesView } from './views/workspaces.ts';

const by = { user: 'ada', userAgent: 'kubectl', fieldManager: 'kubectl', at: '2026-11-23T00:00:00.000Z', cause: 'audit' };

function opened(cluster: string): NewEvent {
  const event: AccountEvent = { type: 'WorkspaceOpened', cluster, path: `root:${cluster}`, owner: null, by };
  return { id: randomUUID(), type: event.type, data: encodeEvent(event) };
}

class GivenStore implements ViewStore {
  readonly applied: { readonly changes: readonly ViewChange[]; readonly position: bigint }[] = [];
  readonly clusters = new Set<unknown>();
  failure: ((changes: readonly ViewChange[]) => Error | undefined) | undefined;
  why: string | null = null;
  epoch = 0n;
  at = 0n;

  async state(): Promise<ViewState> {
    return { position: this.at, failure: this.why };
  }

  async failures() {
    return [];
  }

  async lead(): Promise<ViewLead> {
    this.epoch += 1n;
    this.why = null;
    return { epoch: this.epoch, position: this.at };
  }

  async apply(_: View, changes: readonly ViewChange[], { epoch, position }: ViewLead): Promise<'applied' | 'overtaken'> {
    const failure = this.failure?.(changes);
    if (failure) throw failure;
    if (epoch !== this.epoch) return 'overtaken';
    this.applied.push({ changes, position });
    for (const change of changes) if (change.type === 'put') this.clusters.add(change.row['cluster']);
    this.at = position;
    return 'applied';
  }

  async stop(_: string, epoch: bigint, failure: string): Promise<void> {
    if (epoch === this.epoch) this.why = failure;
  }
}

function given() {
  const log = new MemoryEventLog();
  const store = new GivenStore();
  const append = (cluster: string, event = opened(cluster)) => log.append(`account-${cluster}`, -1n, [event]);
  const run = (options: Partial<ProjectionOptions> = {}) => {
    const stopping = new AbortController();
    const running = runProjection(workspacesView, { log, store, logger: silentLogger, signal: stopping.signal, ...options });
    return { running, stop: () => (stopping.abort(), running.ended) };
  };
  return { log, store, append, run };
}

async function until(condition: () => boolean): Promise<void> {
  await vi.waitUntil(condition, { timeout: 20_000, interval: 1 });
}

describe('runProjection', () => {
  it('catches up, goes on live, and says how far it is', async () => {
    const { store, append, run } = given();
    await append('a');
    const { running, stop } = run();
    await running.waitForPosition(1n);
    await append('b');
    await running.waitForPosition(2n);
    expect([...store.clusters]).toEqual(['a', 'b']);
    expect([running.position, await running.lag(), running.table]).toEqual([2n, 0, 'workspaces']);
    await stop();
    await append('c');
    expect(await running.lag()).toBe(1);
    await expect(running.waitForPosition(3n)).rejects.toThrow('workspaces ended before position 3');
    await running.ended;
  });

  it('goes on behind its checkpoint', async () => {
    const { store, append, run } = given();
    await append('a');
    await append('b');
    store.at = 1n;
    const { running, stop } = run();
    await running.waitForPosition(2n);
    await stop();
    expect([...store.clusters]).toEqual(['b']);
  });

  it('spares the store what changes nothing, but not for ever', async () => {
    const { log, store, run } = given();
    const unrelated = Array.from({ length: 999 }, () => ({ id: randomUUID(), type: 'SchemaKept', data: '{}' }));
    await log.append('schema-x', -1n, unrelated);
    const { running, stop } = run();
    await running.waitForPosition(999n);
    expect(store.applied).toEqual([]);
    await log.append('schema-y', -1n, [{ id: randomUUID(), type: 'SchemaKept', data: '{}' }]);
    await running.waitForPosition(1000n);
    expect(store.applied).toEqual([{ changes: [], position: 1000n }]);
    await stop();
  });

  it('waits while its store is away', async () => {
    const { store, append, run } = given();
    let failures = 2;
    store.failure = () => (failures-- > 0 ? new ViewsUnavailable(new Error('gone')) : undefined);
    await append('a');
    const { running, stop } = run();
    await running.waitForPosition(1n);
    expect(store.applied).toHaveLength(1);
    await stop();
  });

  it('stops before an event that it cannot read, and says which', async () => {
    const { store, append, run } = given();
    await append('a');
    await append('bad', { id: randomUUID(), type: 'WorkspaceOpened', data: 'no JSON' });
    const { running } = run();
    await expect(running.ended).rejects.toThrow(/the view workspaces cannot show WorkspaceOpened at position 2 \(account-bad\)/);
    await expect(running.waitForPosition(2n)).rejects.toThrow('ended before');
    expect(store.at).toBe(1n);
    await until(() => store.why !== null);
    expect(store.why).toContain('WorkspaceOpened at position 2');
    expect(running.state).toBe('stopped');
  });

  it('shows what came before the event that the table refuses, and stops there', async () => {
    const { store, append, run } = given();
    store.failure = (changes) =>
      changes.some((change) => change.type === 'put' && change.row['cluster'] === 'bad') ? new Error('refused by the table') : undefined;
    await append('a');
    await append('bad');
    await append('c');
    const { running } = run();
    const failure: unknown = await running.ended.catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(PoisonEvent);
    expect(failure).toMatchObject({ table: 'workspaces', position: 2n });
    expect([...store.clusters]).toEqual(['a']);
    expect(store.at).toBe(1n);
  });

  it('begins anew where it was overtaken, and writes nothing on an old lead', async () => {
    const { store, append, run } = given();
    await append('a');
    const { running, stop } = run();
    await running.waitForPosition(1n);
    // A rebuild has put a table in its place that is not as far.
    store.at = 0n;
    store.epoch += 1n;
    await append('b');
    await running.waitForPosition(2n);
    expect(store.applied.map(({ position }) => position)).toEqual([1n, 2n]);
    expect(store.epoch).toBe(3n);
    await stop();
  });

  it('stands by while another leads, and takes over', async () => {
    const { store, append, run } = given();
    const mayLead = Promise.withResolvers<undefined>();
    const lost = new AbortController();
    let leases = 0;
    const leadership: Leadership = {
      async lead(_, signal) {
        leases += 1;
        await mayLead.promise;
        return signal.aborted ? undefined : { lost: lost.signal, release: () => Promise.resolve() };
      },
    };
    await append('a');
    const { running, stop } = run({ leadership });
    expect(running.state).toBe('standby');
    store.at = 0n;
    expect([store.applied.length, await running.lag()]).toEqual([0, 1]);
    mayLead.resolve(undefined);
    await running.waitForPosition(1n);
    expect([running.state, leases]).toEqual(['leading', 1]);
    await stop();
  });

  it('tells those who look at the checkpoint how far it is, even where nothing changes', async () => {
    const { log, store, run } = given();
    await log.append('schema-x', -1n, [{ id: randomUUID(), type: 'SchemaKept', data: '{}' }]);
    const { stop } = run({ leadership: alone });
    await until(() => store.at === 1n);
    expect(store.applied).toEqual([{ changes: [], position: 1n }]);
    await stop();
  });

  it('never notes an older position while a newer one is being written', async () => {
    const { log, store, append, run } = given();
    const { running, stop } = run({ leadership: alone });
    const irrelevant = { id: randomUUID(), type: 'Other', data: '{}' };
    await append('one');
    await expect.poll(() => store.at).toBe(1n);
    vi.useFakeTimers();
    await log.append('elsewhere', -1n, [irrelevant]);
    await running.waitForPosition(2n);
    const writing = Promise.withResolvers<void>();
    const apply = store.apply.bind(store);
    vi.spyOn(store, 'apply').mockImplementation(async (view, changes, lead) => {
      if (changes.length > 0) await writing.promise;
      return apply(view, changes, lead);
    });
    await append('two');
    await vi.advanceTimersByTimeAsync(1_000);
    vi.useRealTimers();
    writing.resolve();
    await running.waitForPosition(3n);
    expect(store.applied.map(({ position }) => position)).toEqual([1n, 3n]);
    await stop();
  });

  it('gathers what comes in, unless somebody waits for it', async () => {
    const { store, append, run } = given();
    await append('a');
    const { running, stop } = run({ gatherMs: 60_000 });
    await until(() => store.at === 1n);
    await append('b');
    await append('c');
    expect(store.at).toBe(1n);
    await running.waitForPosition(3n);
    expect(store.applied).toHaveLength(2);
    await append('d');
    await stop();
  });

  it('rests in proportion to its work, and less while it is behind', () => {
    expect([restMs(10, 100, 50), restMs(80, 100, 50), restMs(9_000, 100, 50)]).toEqual([50, 160, 250]);
    expect([restMs(10, 500, 50), restMs(80, 500, 50), restMs(9_000, 500, 50)]).toEqual([10, 80, 250]);
    expect(restMs(80, 100)).toBe(0);
  });

  it('does not decode what cannot concern it', async () => {
    const { log, run } = given();
    const parse = vi.spyOn(JSON, 'parse');
    await log.append('account-a', -1n, [{ id: randomUUID(), type: 'SpecRevised', data: '{"key":{"resource":"httpbins"}}' }]);
    const { running, stop } = run();
    await running.waitForPosition(1n);
    await stop();
    expect(parse).not.toHaveBeenCalled();
    parse.mockRestore();
  });
});
