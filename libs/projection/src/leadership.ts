/** Of several processes one leads each view, and the bridge; the others stand by. */
export interface Leadership {
  /** Waits until this process may lead what has this name, such as a view's table; undefined when the signal came first. */
  lead(name: string, signal: AbortSignal): Promise<Lease | undefined>;
}

export type Lease = {
  /** Aborts when another may lead by now. What is written meanwhile is refused: by the view's epoch, or by the brokers' fence. */
  readonly lost: AbortSignal;
  release(): Promise<void>;
};

/** For a process that is alone: it leads everything. */
export const alone: Leadership = {
  lead: (_, signal) => Promise.resolve(signal.aborted ? undefined : { lost: never.signal, release: () => Promise.resolve() }),
};

const never = new AbortController();
