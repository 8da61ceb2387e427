import { hop } from '#telemetry';
import { appendSeconds, batchEvents, queued } from './actor-metrics.ts';
import type { ActorFold, Committed, CommittedListener } from './actor-fold.ts';
import { decideBatch, type ActorOutcome, type DecidedBatch, type Task } from './decide-batch.ts';
import type { Decision } from './decision.ts';
import { AppendTooLarge, LogUnavailable, StreamTruncated, type EventLog, type RecordedEvent } from './event-log.ts';
import { isSettled } from './is-settled.ts';
import { Later } from './later.ts';
import { loadStream, nothingLoaded, type Loaded, type LoadOptions } from './load-stream.ts';
import { StreamSnapshots, type SnapshotOptions } from './stream-snapshots.ts';

export type ActorOptions<Event, Effect> = LoadOptions<Event, Effect> &
  SnapshotOptions & {
    /** Whether no other process appends: then reads need not ask the log whether they are behind. */
    readonly soleWriter: boolean;
    /** Called when what it has not read is no longer in the log: it cannot go on, and has to be loaded anew. */
    readonly onLost?: (() => void) | undefined;
  };

type Read<Event> = { readonly event: Event; readonly revision: bigint; readonly length: number };

const batchSizeMin = 16;
const batchSizeMax = 256;
const attemptsMax = 16;
const lookPauseMs = 200;

const noLabels = {};

/**
 * One stream's state in memory, and the queue of those who want to change it. What queues up while an append is under
 * way is decided against the state plus what is pending, and appended as one batch. An answer goes out only when its
 * events are durable. When another process was faster, the tail is folded in and everything is decided again.
 */
export class StreamActor<State, Event, Effect> {
  readonly stream: string;
  readonly #log: EventLog;
  readonly #fold: ActorFold<State, Event, Effect>;
  readonly #options: ActorOptions<Event, Effect>;
  readonly #listener: CommittedListener<Event, Effect>;
  readonly #snapshots: StreamSnapshots<State, Event, Effect>;
  /** Whether nothing is appended to its stream but by it. */
  #alone: boolean;
  #state: State;
  #revision: bigint;
  #queue: Task<State, Event>[] = [];
  #running = false;
  /** After a failed append nobody knows what the log holds, or will: the tail is read before anything else is decided, until that is settled. */
  #doubtful = false;
  /** How far the stream goes, as far as this process has heard. */
  #heard: bigint;
  #isLost = false;
  #refreshing: Promise<void> | undefined;
  /** Only where it was needed. */
  #later: Later | undefined;
  /** When it was last asked for anything, in milliseconds of the monotonic clock. */
  usedAt = performance.now();

  private constructor(stream: string, fold: ActorFold<State, Event, Effect>, options: ActorOptions<Event, Effect>, loaded: Loaded<State>) {
    this.#log = options.log;
    this.stream = stream;
    this.#fold = fold;
    this.#options = options;
    this.#alone = options.soleWriter;
    this.#listener = options.onCommitted;
    this.#state = loaded.state;
    this.#revision = loaded.revision;
    this.#heard = loaded.revision;
    this.#snapshots = new StreamSnapshots(this, fold, options, loaded);
    this.#snapshots.takeWhenDue();
  }

  static async load<State, Event, Effect>(stream: string, fold: ActorFold<State, Event, Effect>, options: ActorOptions<Event, Effect>) {
    const isCertain = await isSettled(options);
    const actor = new StreamActor(stream, fold, options, await loadStream(stream, fold, options));
    actor.#doubtful = !isCertain;
    return actor;
  }

  /** Without a look into the log. If the stream is not empty, the first append is a conflict, and everything is decided again. */
  static begin<State, Event, Effect>(stream: string, fold: ActorFold<State, Event, Effect>, options: ActorOptions<Event, Effect>) {
    return new StreamActor(stream, fold, options, nothingLoaded(fold));
  }

  /** What is durable. Do not keep it across an await. */
  get state(): State {
    return this.#state;
  }

  get revision(): bigint {
    return this.#revision;
  }

  get idle(): boolean {
    return !this.#running && this.#queue.length === 0 && this.#refreshing === undefined;
  }

  /** Whether the state is the truth without asking the log: nobody else writes, and no append's outcome is unknown. */
  get fresh(): boolean {
    return this.#alone && !this.#doubtful;
  }

  /** Decides, perhaps several times, and answers when the decision's events are durable. @throws LogUnavailable */
  submit<Refusal>(decide: (state: State) => Decision<Event, Refusal>): Promise<ActorOutcome<Refusal>> {
    this.usedAt = performance.now();
    return new Promise((resolve, reject) => {
      this.#queue.push({ decide, resolve: resolve as Task<State, Event>['resolve'], reject });
      queued.intents += 1;
      if (!this.#running) void this.#run();
    });
  }

  /**
   * Resolves when the state holds everything that stood in the log at the time of the call. What was asked before may not have seen it: each
   * call asks anew what lies behind the state, which is cheap, and reads only what did not come with the answer.
   */
  async freshen(): Promise<void> {
    this.usedAt = performance.now();
    if (this.fresh) return;
    if (this.#alone) {
      if (this.#running) return this.#awaitRun();
      // A sole writer's memory is the truth but for an append of unknown outcome, which nobody was promised.
      return this.#refresh().catch(() => undefined);
    }
    const { head, events } = await this.#log.behind(this.stream, this.#revision);
    this.#learn(head, events);
    for (let attempt = 1; this.#revision < head || this.#doubtful; attempt++) {
      if (attempt > attemptsMax) throw new LogUnavailable(`stream ${this.stream} ends at ${head}, but cannot be read up to there`);
      await (this.#running ? this.#awaitRun() : this.#refresh());
    }
  }

  /**
   * Takes in what another process appended, as a follower of the whole log has read it: events of this stream, in order. What lies between
   * is read from the log; while an append is under way, all of it.
   */
  learn(events: readonly RecordedEvent[]): void {
    const last = events.at(-1);
    if (last) this.#learn(last.revision, events);
  }

  /** Takes in what other processes appended while nobody told it; as soon as it can, where the log is out of reach. */
  lookAgain(): void {
    this.freshen().catch(() => {
      if (!this.#isLost) setTimeout(() => this.lookAgain(), lookPauseMs).unref();
    });
  }

  /** The stream goes up to `head` at least. */
  #learn(head: bigint, events: readonly RecordedEvent[]): void {
    if (head <= this.#revision) return;
    if (head > this.#heard) this.#heard = head;
    const news = events.filter(({ revision }) => revision > this.#revision);
    const follows = news[0]?.revision === this.#revision + 1n && !this.#doubtful;
    this.#catchUp(follows ? news : undefined);
  }

  /**
   * Resolves when the state holds everything that stood in the log at the time of the call. A follower of the log needs
   * this: it may see an event before the actor that appended it has taken it in.
   */
  settled(): Promise<void> {
    return this.fresh ? this.#awaitRun() : this.freshen();
  }

  /** Others may take its place: from here on the log is asked, also where no other process appends. */
  leave(): void {
    this.#alone = false;
  }

  /** It stands where it stood before it left, and takes in what it has missed. */
  comeBack(): void {
    this.#alone = this.#options.soleWriter;
    this.#doubtful = true;
    this.#catchUp();
  }

  /** Keeps the state, if enough has happened since it was last kept. */
  saveSnapshot(eventsMin = 1n): Promise<void> {
    return this.#snapshots.take(eventsMin);
  }

  /** As `saveSnapshot`, when its turn comes: many streams may be due at once. */
  saveSnapshotSoon(eventsMin = 1n): void {
    this.#snapshots.takeSoon(eventsMin);
  }

  /** In the background, for those who watch; a run or a refresh that is under way does the same at its end. */
  #catchUp(events?: readonly RecordedEvent[]): void {
    if (this.#running || this.#refreshing || !this.#isBehind) return;
    this.#refresh(events).catch(() => undefined);
  }

  get #isBehind(): boolean {
    return !this.#isLost && (this.#revision < this.#heard || this.#doubtful);
  }

  /** What was heard of meanwhile is read next, whoever this was read for, and whether it came to its end or broke off. */
  #refresh(events?: readonly RecordedEvent[]): Promise<void> {
    if (this.#refreshing) return this.#refreshing;
    const from = this.#revision;
    this.#refreshing = this.#foldTail(events).then(
      () => this.#refreshed(this.#revision > from),
      (failure: unknown) => {
        this.#refreshed(false);
        throw failure;
      },
    );
    return this.#refreshing;
  }

  #refreshed(hasMoved: boolean): void {
    this.#refreshing = undefined;
    if (!this.#isBehind) this.#later?.forget();
    else if (hasMoved) this.#catchUp();
    else (this.#later ??= new Later(() => this.#catchUp())).ask();
  }

  /** A decision without events resolves after what is queued before it: by then the state is fresh. */
  async #awaitRun(): Promise<void> {
    if (!this.#running) return;
    await this.submit(() => ({ type: 'accepted', events: [] }));
  }

  /** What is durable is answered while the next batch is on its way: the log need not wait until all who wrote have their answers. */
  async #run(): Promise<void> {
    this.#running = true;
    await this.#refreshing?.catch(() => undefined);
    let answers: readonly (() => void)[] = [];
    while (this.#queue.length > 0) {
      const batch = this.#queue.splice(0, this.#batchSize());
      queued.intents -= batch.length;
      const committing = this.#commitOrReject(batch);
      for (const answer of answers) answer();
      answers = await committing;
    }
    this.#running = false;
    for (const answer of answers) answer();
    this.#catchUp();
  }

  /** Half of what waits, if that is many: while the one half is written, the other is made ready or answered. */
  #batchSize(): number {
    return Math.min(batchSizeMax, Math.max(batchSizeMin, Math.ceil(this.#queue.length / 2)));
  }

  async #commitOrReject(batch: readonly Task<State, Event>[]): Promise<readonly (() => void)[]> {
    try {
      return await this.#commit(batch);
    } catch (failure) {
      // Who queued beside a large one is not refused with it.
      const half = failure instanceof AppendTooLarge ? batch.length >> 1 : 0;
      if (half > 0) return [...(await this.#commitOrReject(batch.slice(0, half))), ...(await this.#commitOrReject(batch.slice(half)))];
      this.#doubtful = true;
      const rejectAll = (): void => {
        for (const { reject } of batch) reject(failure);
      };
      return [rejectAll];
    }
  }

  /** Answers how to answer each. */
  async #commit(batch: readonly Task<State, Event>[]): Promise<readonly (() => void)[]> {
    for (let attempt = 1; attempt <= attemptsMax; attempt++) {
      if (this.#doubtful || attempt > 1 || this.#revision < this.#heard) await this.#foldTail();
      const decided = decideBatch(batch, this.#fold, this.#state, this.#revision);
      if (decided.events.length > 0) {
        const { events } = decided;
        const beganMs = performance.now();
        const result = await hop('stream/stream-actor.ts', { stream: this.stream, events: events.length }, () =>
          this.#log.append(this.stream, this.#revision, events),
        );
        appendSeconds.observe(noLabels, (performance.now() - beganMs) / 1_000);
        if (result.type === 'conflict') continue;
        batchEvents.observe(noLabels, events.length);
        this.#take(decided);
      }
      return decided.answers;
    }
    throw new LogUnavailable(`stream ${this.stream} is written by others faster than a decision can be appended`);
  }

  #take({ fork, committed, length }: DecidedBatch<State, Event, Effect>): void {
    this.#fold.absorb(this.#state, fork);
    this.#revision += BigInt(committed.length);
    this.#snapshots.grown(length);
    this.#listener(committed, false);
    this.#snapshots.takeWhenDue();
  }

  /** Whoever follows is told of all that is taken in, and in the same moment: also where the reading breaks off on its way. */
  async #foldTail(events?: readonly RecordedEvent[]): Promise<void> {
    let read: Read<Event>[] = [];
    try {
      const isCertain = events === undefined && (!this.#doubtful || (await isSettled(this.#options)));
      for await (const { data, revision } of events ?? this.#log.readStream(this.stream, this.#revision + 1n)) {
        const needed = this.#fold.prepare?.(data, 'event');
        if (needed) await needed;
        read.push({ event: this.#fold.decode(data), revision, length: data.length });
        if (read.length < batchSizeMax) continue;
        this.#takeIn(read);
        read = [];
      }
      if (isCertain) this.#doubtful = false;
    } catch (failure) {
      throw failure instanceof StreamTruncated ? this.#lose(failure) : failure;
    } finally {
      this.#takeIn(read);
    }
  }

  #lose(cause: StreamTruncated): LogUnavailable {
    if (!this.#isLost) this.#options.onLost?.();
    this.#isLost = true;
    return new LogUnavailable(`stream ${this.stream} was cut off before it was read here; it is loaded anew`, { cause });
  }

  #takeIn(read: readonly Read<Event>[]): void {
    const committed = read.map(({ event, revision, length }): Committed<Event, Effect> => {
      const effect = this.#fold.evolve(this.#state, event, revision);
      this.#revision = revision;
      this.#snapshots.grown(length);
      return { event, revision, effect };
    });
    if (committed.length > 0) this.#listener(committed, false);
  }
}
