import { describe, expect, it, vi } from 'vitest';
import { encodeEvent } from '#account';
import type { RecordedEvent } from '#stream';
import { PoisonEvent } from './poison-event.ts';
import { readAhead } from './read-ahead.ts';
import { workspacesView } from './views/workspaces.ts';

const by = { user: 'ada', userAgent: 'kubectl', fieldManager: 'kubectl', at: '2026-11-23T00:00:00.000Z', cause: 'audit' };

function opened(position: bigint, data?: string): RecordedEvent {
  const cluster = `c${position}`;
  const text = data ?? encodeEvent({ type: 'WorkspaceOpened', cluster, path: `root:${cluster}`, owner: null, by });
  return { id: `${position}`, type: 'WorkspaceOpened', data: text, stream: `account-${cluster}`, revision: 0n, position };
}

const unrelated = (position: bigint): RecordedEvent => ({ ...opened(position, '{}'), type: 'SchemaKept', stream: 'schema-x' });

/** A log whose events come when the spec says so. */
function given() {
  const stopping = new AbortController();
  const waiting: (readonly RecordedEvent[])[] = [];
  let wake: () => void = () => undefined;
  let pulled = 0;
  async function* subscribe(signal: AbortSignal): AsyncGenerator<readonly RecordedEvent[]> {
    signal.addEventListener('abort', () => wake());
    while (!signal.aborted) {
      const batch = waiting.shift();
      if (batch) {
        pulled += 1;
        yield batch;
      } else await new Promise<void>((resolve) => (wake = resolve));
    }
  }
  const come = (...events: readonly RecordedEvent[]): void => {
    waiting.push(events);
    wake();
  };
  return { come, stopping, pulled: () => pulled, ahead: readAhead(workspacesView, subscribe, stopping.signal) };
}

const takenFrom = (ahead: ReturnType<typeof readAhead>) => ahead.next().then(({ value }) => value ?? undefined);

describe('reading ahead of a view', () => {
  it('makes changes of what comes in while nobody takes them, and gives them all at once', async () => {
    const { come, pulled, ahead } = given();
    come(opened(1n));
    expect(await takenFrom(ahead)).toMatchObject({ events: 1, position: 1n });
    const changes = vi.spyOn(workspacesView, 'changes');
    come(opened(2n), unrelated(3n));
    come(opened(4n), unrelated(5n));
    await vi.waitUntil(() => pulled() === 3, { timeout: 20_000, interval: 1 });
    expect(changes).toHaveBeenCalledTimes(2);
    const taken = await takenFrom(ahead);
    expect(changes).toHaveBeenCalledTimes(2);
    changes.mockRestore();
    expect(taken).toMatchObject({ events: 4, position: 5n });
    expect(taken?.shown).toEqual(
      [2n, 4n].map((position) => ({
        type: 'WorkspaceOpened',
        stream: `account-c${position}`,
        position,
        changes: [{ type: 'put', row: { cluster: `c${position}`, path: `root:c${position}`, parent: null, closing: false, position } }],
      })),
    );
    await ahead.return(undefined);
  });

  it('waits where too much would wait for the view', async () => {
    const { come, pulled, ahead } = given();
    come(unrelated(1n));
    await takenFrom(ahead);
    for (let batch = 0; batch < 8; batch++)
      come(...Array.from({ length: 1024 }, (_, index) => unrelated(BigInt(2 + batch * 1024 + index))));
    await vi.waitUntil(() => pulled() === 3, { timeout: 20_000, interval: 1 });
    await new Promise((resolve) => setImmediate(resolve));
    expect(pulled()).toBe(3);
    expect(await takenFrom(ahead)).toMatchObject({ events: 2048 });
    await vi.waitUntil(() => pulled() === 5, { timeout: 20_000, interval: 1 });
    await ahead.return(undefined);
  });

  it('says which event cannot be shown, behind what came before it', async () => {
    const { come, ahead } = given();
    come(opened(1n), opened(2n, 'no JSON'), opened(3n));
    expect(await takenFrom(ahead)).toMatchObject({ events: 1, position: 1n });
    const failure: unknown = await ahead.next().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(PoisonEvent);
    expect(failure).toMatchObject({ table: 'workspaces', position: 2n });
  });

  it('ends with the signal, whatever waits', async () => {
    const { come, stopping, ahead } = given();
    come(opened(1n));
    await takenFrom(ahead);
    const next = ahead.next();
    stopping.abort();
    expect(await next).toEqual({ value: undefined, done: true });
  });
});
