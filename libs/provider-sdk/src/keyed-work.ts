/** Does the work of each key one after the other, of different keys at once, of at most `concurrencyMax` together. */
export interface KeyedWork {
  /** Asks for one more round of the key's work. Several wakes before it begins are one round; a wake during it is another. */
  wake(key: string): void;
  /** Takes no more wakes, and resolves when what has begun is done. */
  stop(): Promise<void>;
}

/** `work` must not reject: what can fail is its own business. */
export function keyedWork(concurrencyMax: number, work: (key: string) => Promise<void>): KeyedWork {
  const waiting = new Set<string>();
  const running = new Map<string, Promise<void>>();
  let stopped = false;

  const begin = (): void => {
    for (const key of waiting) {
      if (running.size >= concurrencyMax) return;
      if (running.has(key)) continue;
      waiting.delete(key);
      running.set(key, run(key));
    }
  };
  const run = async (key: string): Promise<void> => {
    await work(key);
    running.delete(key);
    if (!stopped) begin();
  };
  return {
    wake(key) {
      if (stopped) return;
      waiting.add(key);
      begin();
    },
    async stop() {
      stopped = true;
      waiting.clear();
      await Promise.all(running.values());
    },
  };
}
