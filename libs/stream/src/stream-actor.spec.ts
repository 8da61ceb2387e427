import { describe, expect, it } from 'vitest';
import { accept, refuse } from './decision.ts';
import { AppendTooLarge, LogUnavailable, type EventLog } from './event-log.ts';
import { MemoryEventLog } from './memory-event-log.ts';
import { MemorySnapshotStore } from './memory-stores.ts';
import type { ActorFold } from './actor-fold.ts';
import { StreamActor } from './stream-actor.ts';

type Sum = { total: number };

const fold: ActorFold<Sum, number, number> = {
  initial: () => ({ total: 0 }),
  evolve: (state, event) => (state.total += event),
  fork: (state) => ({ ...state }),
  absorb: (state, fork) => void Object.assign(state, fork),
  encode: (event) => ({ type: 'Added', data: String(event) }),
  decode: Number,
  snapshotShape: 1,
  takeSnapshot: (state) => [JSON.stringify(state)],
  restoreSnapshot: (text) => JSON.parse(text) as Sum,
};

const open = (log: EventLog, more: { soleWriter?: boolean; snapshots?: MemorySnapshotStore } = {}) => {
  const seen: number[] = [];
  return StreamActor.load('s', fold, {
    log,
    soleWriter: true,
    onCommitted: (news) => seen.push(...news.map(({ event }) => event)),
    ...more,
  }).then((actor) => ({ actor, seen }));
};

/** Says where a stream ends, and no more: what lies behind is to be read. */
class HeadsOnly extends MemoryEventLog {
  override async behind(stream: string) {
    return { head: await this.head(stream), events: [] };
  }
}

/** Counts appends, and does with each what it is told first. */
class WatchedLog extends MemoryEventLog {
  appends = 0;
  before: () => Promise<void> = () => Promise.resolve();

  override async append(...call: Parameters<EventLog['append']>) {
    this.appends++;
    await this.before();
    return super.append(...call);
  }
}

/** Takes so many characters at once. */
class NarrowLog extends WatchedLog {
  override append(...call: Parameters<EventLog['append']>) {
    const length = call[2].reduce((sum, { data }) => sum + data.length, 0);
    if (length > 6) return Promise.reject(new AppendTooLarge(`${length} are more than 6`));
    return super.append(...call);
  }
}

/** Its next read breaks off after so many events. */
class BreakingLog extends HeadsOnly {
  readsUntilBroken: number | undefined;
  between: () => void = () => undefined;

  override async *readStream(...call: Parameters<EventLog['readStream']>) {
    let count = 0;
    for await (const recorded of super.readStream(...call)) {
      this.between();
      if (count++ === this.readsUntilBroken) {
        this.readsUntilBroken = undefined;
        throw new LogUnavailable('the connection was cut');
      }
      yield recorded;
    }
  }
}

/** Answers where a stream ends when it is told to, as of the moment of asking. */
class SlowHeads extends HeadsOnly {
  readonly #waiting: (() => void)[] = [];

  override async head(stream: string) {
    const head = await super.head(stream);
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return head;
  }

  answer(): void {
    setImmediate(() => this.#waiting.shift()?.());
  }

  /** Reads are as of their beginning, too. */
  override async *readStream(...call: Parameters<EventLog['readStream']>) {
    const past = await Array.fromAsync(super.readStream(...call));
    await new Promise((resolve) => setImmediate(resolve));
    yield* past;
  }
}

/** Its reads are as of their beginning, and end when they are told to, in whatever way. */
class HeldReads extends HeadsOnly {
  readonly held: { readonly go: () => void; readonly breakOff: () => void }[] = [];
  #asked = Promise.withResolvers<void>();

  override async *readStream(...call: Parameters<EventLog['readStream']>) {
    const past = await Array.fromAsync(super.readStream(...call));
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.held.push({ go: resolve, breakOff: () => reject(new LogUnavailable('the connection was cut')) });
    this.#asked.resolve();
    await promise;
    yield* past;
  }

  /** The next read, once it has begun. */
  async next() {
    for (;;) {
      const read = this.held.shift();
      if (read) return read;
      this.#asked = Promise.withResolvers();
      await this.#asked.promise;
    }
  }
}

/** Gives up on its next append, which takes effect late: never before it is told to, and never after it was settled. */
class LateLog extends MemoryEventLog {
  #late: (() => Promise<unknown>) | undefined;
  isCutOff = false;

  giveUpOnNext(): void {
    const plain = this.append.bind(this);
    this.append = (...call) => {
      this.append = plain;
      this.#late = () => plain(...call);
      return Promise.reject(new LogUnavailable('the answer was lost'));
    };
  }

  async comeLate(): Promise<void> {
    await this.#late?.();
  }

  override async settle() {
    if (this.isCutOff) throw new LogUnavailable('nobody knows');
    this.#late = undefined;
  }
}

/** Counts the reads of a stream. */
class ReadLog extends MemoryEventLog {
  reads = 0;

  override readStream(...call: Parameters<EventLog['readStream']>) {
    this.reads++;
    return super.readStream(...call);
  }
}

describe('an actor of one stream', () => {
  it('appends what queued up as one batch, each decided upon what came before it', async () => {
    const log = new WatchedLog();
    const { actor } = await open(log);
    const gate = Promise.withResolvers<void>();
    log.before = () => gate.promise;
    const first = actor.submit(() => accept(1));
    await new Promise((resolve) => setImmediate(resolve));
    const rest = Array.from({ length: 50 }, () =>
      actor.submit((state) => (state.total < 10 ? accept(1) : refuse({ type: 'Full' as const }))),
    );
    gate.resolve();
    await first;
    const outcomes = await Promise.all(rest);
    expect(outcomes.filter(({ type }) => type === 'committed')).toHaveLength(9);
    expect([actor.state.total, log.appends]).toEqual([10, 2]);
  });

  it('has the next batch on its way before those of the last one have their answers', async () => {
    const log = new WatchedLog();
    const order: string[] = [];
    log.before = async () => void order.push('append');
    const { actor } = await open(log);
    const submitted = Array.from({ length: 60 }, () => actor.submit(() => accept(1)).then(() => order.push('answer')));
    await Promise.all(submitted);
    expect([actor.state.total, log.appends]).toEqual([60, 3]);
    expect(
      order
        .join(' ')
        .replaceAll(/(answer ?)+/g, 'answers ')
        .trim(),
    ).toBe('append append answers append answers');
  });

  it('shows nothing that is not durable', async () => {
    const log = new WatchedLog();
    const gate = Promise.withResolvers<void>();
    log.before = () => gate.promise;
    const { actor, seen } = await open(log);
    const done = actor.submit(() => accept(5));
    await new Promise((resolve) => setImmediate(resolve));
    expect([actor.state.total, seen]).toEqual([0, []]);
    gate.resolve();
    await done;
    expect([actor.state.total, seen]).toEqual([5, [5]]);
  });

  it('decides again upon what another writer left', async () => {
    const log = new WatchedLog();
    const { actor, seen } = await open(log, { soleWriter: false });
    let raced = false;
    log.before = async () => {
      if (raced) return;
      raced = true;
      await new MemoryEventLog().head('s');
      await MemoryEventLog.prototype.append.call(log, 's', -1n, [{ id: crypto.randomUUID(), type: 'Added', data: '7' }]);
    };
    await actor.submit((state) => accept(state.total + 1));
    expect([actor.state.total, seen]).toEqual([15, [7, 8]]);
  });

  it('catches up before a read, where others may write', async () => {
    const log = new MemoryEventLog();
    const { actor } = await open(log, { soleWriter: false });
    await log.append('s', -1n, [{ id: crypto.randomUUID(), type: 'Added', data: '3' }]);
    await actor.freshen();
    expect(actor.state.total).toBe(3);
  });

  it('tells of everything that it has read, although the reading broke off, and is nowhere ahead of what it told', async () => {
    const log = new BreakingLog();
    const { actor, seen } = await open(log, { soleWriter: false });
    await log.append(
      's',
      -1n,
      [1, 2, 3].map((event) => ({ id: crypto.randomUUID(), type: 'Added', data: String(event) })),
    );
    const ahead: string[] = [];
    log.between = () => {
      if (actor.revision !== BigInt(seen.length) - 1n) ahead.push(`at ${actor.revision}, told ${seen.length}`);
    };
    log.readsUntilBroken = 2;
    await expect(actor.freshen()).rejects.toThrow(LogUnavailable);
    expect([seen, actor.revision, actor.state.total]).toEqual([[1, 2], 1n, 3]);
    await actor.freshen();
    expect([seen, actor.revision, actor.state.total]).toEqual([[1, 2, 3], 2n, 6]);
    expect(ahead).toEqual([]);
  });

  it('does not take a look at the log that began before for one of its own', async () => {
    const log = new SlowHeads();
    const { actor } = await open(log, { soleWriter: false });
    const early = actor.freshen();
    await log.append('s', -1n, [{ id: crypto.randomUUID(), type: 'Added', data: '3' }]);
    const late = actor.freshen().then(() => actor.state.total);
    log.answer();
    log.answer();
    await early;
    expect(await late).toBe(3);
  });

  it('catches up before a read while it appends, though nothing of what waits writes anything', async () => {
    const log = new WatchedLog();
    const { actor } = await open(log, { soleWriter: false });
    const appended = Promise.withResolvers<void>();
    const answered = Promise.withResolvers<void>();
    const plain = log.append.bind(log);
    log.append = async (...call) => {
      const result = await plain(...call);
      appended.resolve();
      await answered.promise;
      return result;
    };
    const own = actor.submit(() => accept(1));
    await appended.promise;
    await plain('s', 0n, [{ id: crypto.randomUUID(), type: 'Added', data: '20' }]);
    const read = actor.freshen().then(() => actor.state.total);
    answered.resolve();
    await own;
    expect(await read).toBe(21);
  });

  it('takes in what a follower of the log hands it, and reads what lies between', async () => {
    const log = new ReadLog();
    const { actor, seen } = await open(log, { soleWriter: false });
    const others = (data: string) => ({ id: crypto.randomUUID(), type: 'Added', data });
    await log.append('s', -1n, [others('1'), others('2')]);
    await log.append('s', 1n, [others('3'), others('4')]);
    const events = await Array.fromAsync(MemoryEventLog.prototype.readStream.call(log, 's', 0n));
    log.reads = 0;
    actor.learn(events.slice(0, 2));
    await actor.freshen();
    actor.learn(events.slice(0, 2));
    expect([log.reads, ...seen]).toEqual([1, 1, 2, 3, 4]);
    await log.append('s', 3n, [others('5'), others('6')]);
    actor.learn(await Array.fromAsync(MemoryEventLog.prototype.readStream.call(log, 's', 5n)));
    await actor.freshen();
    expect(seen).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('takes what comes with the answer where the stream ends, and reads only what is missing', async () => {
    const log = new ReadLog();
    const { actor, seen } = await open(log, { soleWriter: false });
    const others = (data: string) => ({ id: crypto.randomUUID(), type: 'Added', data });
    await log.append('s', -1n, [others('1'), others('2')]);
    log.reads = 0;
    await Promise.all([actor.freshen(), actor.freshen(), actor.freshen()]);
    expect([log.reads, ...seen]).toEqual([0, 1, 2]);
    const whole = log.behind.bind(log);
    log.behind = async (...call) => {
      const { head, events } = await whole(...call);
      return { head, events: events.slice(0, 1) };
    };
    await log.append('s', 1n, [others('3'), others('4'), others('5')]);
    await actor.freshen();
    expect([log.reads, ...seen]).toEqual([1, 1, 2, 3, 4, 5]);
  });

  it('looks again on its own where it was told of nothing', async () => {
    const log = new ReadLog();
    const { actor, seen } = await open(log, { soleWriter: false });
    await log.append('s', -1n, [{ id: crypto.randomUUID(), type: 'Added', data: '1' }]);
    actor.lookAgain();
    await expect.poll(() => seen, { timeout: 20_000 }).toEqual([1]);
  });

  it('looks again for itself, not by a read that began before', async () => {
    const log = new HeldReads();
    const others = (data: string) => ({ id: crypto.randomUUID(), type: 'Added', data });
    const loading = open(log, { soleWriter: false });
    (await log.next()).go();
    const { actor, seen } = await loading;
    await log.append('s', -1n, [others('1')]);
    const read = actor.freshen();
    const begun = await log.next();
    await log.append('s', 0n, [others('2')]);
    actor.lookAgain();
    begun.go();
    await read;
    (await log.next()).go();
    await expect.poll(() => seen, { timeout: 20_000 }).toEqual([1, 2]);
  });

  describe('is told of news while it reads for somebody else', () => {
    const written = (data: string) => ({ id: crypto.randomUUID(), type: 'Added', data });
    const given = async () => {
      const log = new HeldReads();
      const loading = open(log, { soleWriter: false });
      (await log.next()).go();
      const { actor, seen } = await loading;
      await log.append('s', -1n, [written('1')]);
      const read = actor.freshen();
      const begun = await log.next();
      await log.append('s', 0n, [written('2')]);
      actor.learn(await Array.fromAsync(MemoryEventLog.prototype.readStream.call(log, 's', 1n)));
      return { log, seen, read, begun };
    };

    it('takes them in when that has ended', async () => {
      const { log, seen, read, begun } = await given();
      begun.go();
      await read;
      (await log.next()).go();
      await expect.poll(() => seen, { timeout: 20_000 }).toEqual([1, 2]);
    });

    it('takes them in although that has broken off', async () => {
      const { log, seen, read, begun } = await given();
      begun.breakOff();
      await expect(read).rejects.toThrow(LogUnavailable);
      (await log.next()).breakOff();
      (await log.next()).go();
      await expect.poll(() => seen, { timeout: 20_000 }).toEqual([1, 2]);
    });
  });

  it('tells those who watch of what was written although its answer was lost, and nobody asks any more', async () => {
    const log = new WatchedLog();
    const { actor, seen } = await open(log);
    log.before = async () => {
      log.before = () => Promise.resolve();
      await MemoryEventLog.prototype.append.call(log, 's', -1n, [{ id: crypto.randomUUID(), type: 'Added', data: '20' }]);
      throw new LogUnavailable('the answer was lost');
    };
    await expect(actor.submit(() => accept(20))).rejects.toThrow(LogUnavailable);
    await expect.poll(() => seen, { timeout: 20_000 }).toEqual([20]);
  });

  it('tells all who wait of an outage, and goes on afterwards with what the log really holds', async () => {
    const log = new WatchedLog();
    const { actor } = await open(log);
    await actor.submit(() => accept(1));
    log.before = async () => {
      log.before = () => Promise.resolve();
      await MemoryEventLog.prototype.append.call(log, 's', 0n, [{ id: crypto.randomUUID(), type: 'Added', data: '20' }]);
      throw new LogUnavailable('the answer was lost');
    };
    await expect(Promise.all([actor.submit(() => accept(20)), actor.submit(() => accept(20))])).rejects.toThrow(LogUnavailable);
    await actor.submit((state) => accept(state.total));
    expect(actor.state.total).toBe(42);
  });

  describe('whose append was given up on', () => {
    const given = async () => {
      const log = new LateLog();
      const { actor } = await open(log);
      await actor.submit(() => accept(1));
      log.giveUpOnNext();
      log.isCutOff = true;
      await expect(actor.submit(() => accept(20))).rejects.toThrow(LogUnavailable);
      return { log, actor };
    };

    it('shows it as soon as it stands in the log, and however late that is', async () => {
      const { log, actor } = await given();
      await actor.freshen();
      expect([actor.state.total, actor.fresh]).toEqual([1, false]);
      await log.comeLate();
      await actor.freshen();
      expect([actor.state.total, actor.fresh]).toEqual([21, false]);
    });

    it('need not ask the log any more when that can come no more', async () => {
      const { log, actor } = await given();
      log.isCutOff = false;
      await actor.freshen();
      await log.comeLate();
      expect([actor.state.total, actor.fresh]).toEqual([1, true]);
      await actor.submit(() => accept(2));
      expect(actor.state.total).toBe(3);
    });

    it('asks also where it is loaded anew, or was opened without a look', async () => {
      const { log } = await given();
      const { actor } = await open(log);
      expect(actor.fresh).toBe(false);
      await log.comeLate();
      await actor.freshen();
      expect(actor.state.total).toBe(21);
      log.isCutOff = false;
      expect((await open(log)).actor.fresh).toBe(true);
    });
  });

  it('lets a bug in one decision fail that one only', async () => {
    const { actor } = await open(new MemoryEventLog());
    const outcomes = await Promise.allSettled([
      actor.submit(() => accept(1)),
      actor.submit(() => {
        throw new Error('bug');
      }),
      actor.submit(() => accept(2)),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(actor.state.total).toBe(3);
  });

  it('loads from its snapshot and the events behind it, and ignores a snapshot of another shape', async () => {
    const log = new MemoryEventLog();
    const snapshots = new MemorySnapshotStore();
    const { actor } = await open(log, { snapshots });
    await actor.submit(() => accept(1, 2));
    await actor.saveSnapshot();
    await actor.submit(() => accept(4));
    expect((await open(log, { snapshots })).actor.state.total).toBe(7);
    expect((await open(log, { snapshots })).seen).toEqual([4]);
    const [snapshot] = await Promise.all([snapshots.load('s')]);
    await snapshots.save('s', { ...snapshot!, shape: 99 });
    expect((await open(log, { snapshots })).seen).toEqual([1, 2, 4]);
  });
});

describe('a batch that is too large for one append', () => {
  it('is appended in parts, in order; what is too large by itself is refused alone', async () => {
    const log = new NarrowLog();
    const { actor, seen } = await open(log);
    const outcomes = Array.from({ length: 5 }, (_, index) => actor.submit(() => accept(100 + index)));
    const large = actor.submit(() => accept(10_000_000));
    const after = actor.submit((sum: Sum) => (sum.total > 500 ? accept(1) : refuse('too early')));
    await expect(large).rejects.toThrow(AppendTooLarge);
    expect(await Promise.all([...outcomes, after])).toEqual(Array.from({ length: 6 }, () => ({ type: 'committed' })));
    expect(seen).toEqual([100, 101, 102, 103, 104, 1]);
    expect(actor.state.total).toBe(511);
    expect((await Array.fromAsync(log.readStream('s', 0n))).map(({ data }) => Number(data))).toEqual(seen);
  });
});
