import { counter, gauge } from '#telemetry';
import { laneOf, type InFlight, type LaneName } from './in-flight.ts';

/** How much is served at a time, in one process. */
export type Limits = {
  readonly readsMax: number;
  readonly writesMax: number;
  readonly watchesMax: number;
  /** After this a read, a write is answered 504; a watch that is not open by the time of a read, too. */
  readonly readSecondsMax: number;
  readonly writeSecondsMax: number;
};

export const defaultLimits: Limits = { readsMax: 2_000, writesMax: 1_000, watchesMax: 20_000, readSecondsMax: 60, writeSecondsMax: 34 };

const lanes = ['reading', 'writing', 'watching'] as const;
const inFlightNow = gauge({
  name: 'tributary_kube_in_flight',
  help: 'Requests being answered now. Watches are those that were let in, open or about to be.',
  labels: { lane: lanes },
});

const rejected = counter({
  name: 'tributary_kube_rejected_total',
  help: 'Requests answered 429, because too much was being served, or their user or workspace had its share.',
  labels: { lane: lanes },
});

const sweepEveryMs = 1_000;

/**
 * Lets requests in as long as there is room, and shows overdue ones out. Nobody gets so much that a newcomer finds no room:
 * among n users that are being served, each may have one (n+1)th of all, and it is much the same with workspaces.
 */
export class Turnstile {
  readonly #lanes: Readonly<Record<LaneName, Lane>>;
  readonly #onOverdue: (inFlight: InFlight) => void;
  #sweeps: NodeJS.Timeout | undefined;

  /** `onOverdue` is to answer, which ends the request; it is called once for each. */
  constructor({ limits, onOverdue }: { readonly limits: Limits; readonly onOverdue: (inFlight: InFlight) => void }) {
    const { readsMax, writesMax, watchesMax, readSecondsMax, writeSecondsMax } = limits;
    this.#lanes = {
      reading: new Lane(readsMax, readSecondsMax * 1_000),
      writing: new Lane(writesMax, writeSecondsMax * 1_000),
      watching: new Lane(watchesMax, readSecondsMax * 1_000),
    };
    this.#onOverdue = onOverdue;
    for (const lane of lanes) inFlightNow.track({ lane }, () => this.#lanes[lane].size);
  }

  /** False where this user's, or this workspace's, share is used up: then nothing is counted. */
  enter(inFlight: InFlight, user: string): boolean {
    const name = laneOf(inFlight);
    if (!this.#lanes[name].enter(inFlight, user)) {
      rejected.add({ lane: name });
      return false;
    }
    inFlight.lane = name;
    if (inFlight.timeoutMs !== undefined) this.#awaitTimeout(inFlight, inFlight.timeoutMs, this.#lanes[name]);
    this.#sweeps ??= setInterval(sweep, sweepEveryMs, this).unref();
    return true;
  }

  /** Few clients ask for less time than all have: each of them has a timer. */
  #awaitTimeout(inFlight: InFlight, timeoutMs: number, lane: Lane): void {
    if (timeoutMs >= lane.msMax) return;
    const passed = performance.now() - inFlight.beganMs;
    const timer = setTimeout(() => lane.giveUp(inFlight) && this.#onOverdue(inFlight), Math.max(0, timeoutMs - passed)).unref();
    inFlight.response.once('close', () => clearTimeout(timer));
  }

  /** To be called for every request, once it is over. */
  leave(inFlight: InFlight): void {
    const { lane, sender } = inFlight;
    if (lane !== undefined && sender !== undefined) this.#lanes[lane].leave(inFlight, sender.user);
  }

  sweep(now: number): void {
    const { reading, writing, watching } = this.#lanes;
    for (const lane of [reading, writing]) for (const inFlight of lane.overdue(now)) this.#onOverdue(inFlight);
    for (const inFlight of watching.overdue(now)) if (!isOpen(inFlight)) this.#onOverdue(inFlight);
    if (reading.isTimed || writing.isTimed || watching.isTimed) return;
    clearInterval(this.#sweeps);
    this.#sweeps = undefined;
  }
}

function sweep(turnstile: Turnstile): void {
  turnstile.sweep(performance.now());
}

/** What watches lasts as long as it likes, once its head is sent or it goes on as WebSocket. */
const isOpen = ({ response }: InFlight): boolean => response.headersSent || response.statusCode === 101;

/** A workspace may have half as much again as a user: one user must not use up what is for all of it. */
const workspaceShares = 1.5;

class Lane {
  readonly #max: number;
  readonly msMax: number;
  /** In the order of their arrival, without those whose time is up. */
  readonly #inTime = new Set<InFlight>();
  readonly #byUser = new Map<string, number>();
  readonly #byWorkspace = new Map<string, number>();
  #size = 0;

  constructor(max: number, msMax: number) {
    this.#max = max;
    this.msMax = msMax;
  }

  /** Whether somebody's time can still be up. */
  get isTimed(): boolean {
    return this.#inTime.size > 0;
  }

  get size(): number {
    return this.#size;
  }

  enter(inFlight: InFlight, user: string): boolean {
    const { workspace } = inFlight;
    const ofUser = this.#byUser.get(user) ?? 0;
    const ofWorkspace = this.#byWorkspace.get(workspace) ?? 0;
    if (this.#size >= this.#max || !this.#isFair(ofUser, this.#byUser.size)) return false;
    if (!this.#isFair(ofWorkspace / workspaceShares, this.#byWorkspace.size)) return false;
    this.#byUser.set(user, ofUser + 1);
    this.#byWorkspace.set(workspace, ofWorkspace + 1);
    this.#size += 1;
    this.#inTime.add(inFlight);
    return true;
  }

  leave(inFlight: InFlight, user: string): void {
    this.#size -= 1;
    this.#inTime.delete(inFlight);
    subtractOne(this.#byUser, user);
    subtractOne(this.#byWorkspace, inFlight.workspace);
  }

  /** False where its time was up already, or it is over. */
  giveUp(inFlight: InFlight): boolean {
    return this.#inTime.delete(inFlight);
  }

  *overdue(now: number): Iterable<InFlight> {
    for (const inFlight of this.#inTime) {
      if (now - inFlight.beganMs < this.msMax) return;
      this.#inTime.delete(inFlight);
      yield inFlight;
    }
  }

  #isFair(held: number, holders: number): boolean {
    return held === 0 || held * (holders + 1) < this.#max;
  }
}

function subtractOne(counts: Map<string, number>, key: string): void {
  const count = counts.get(key) ?? 0;
  if (count > 1) counts.set(key, count - 1);
  else counts.delete(key);
}
