import { createRequire } from 'node:module';
import { setTimeout as delay } from 'node:timers/promises';
import type { Admin, Consumer } from 'kafkajs';

// kafkajs 2.2.4 has faults that nobody will mend. They are worked around here and nowhere else; the version is pinned.

type RequestQueue = {
  throttledUntil: number;
  throttleCheckTimeoutId: NodeJS.Timeout | null;
  pending: readonly unknown[];
  checkPendingRequests(): void;
};

/**
 * Its request queue looks after pending requests by a timer that it sets again and again, each millisecond, also when
 * nothing is pending, with a negative time that Node warns about. Requests held back by the in-flight limit are looked
 * after when one is answered, so that a timer is needed for throttling only.
 */
export function calmRequestQueue(): void {
  const queue = createRequire(import.meta.url)('kafkajs/src/network/requestQueue') as {
    prototype: { scheduleCheckPendingRequests(this: RequestQueue): void };
  };
  queue.prototype.scheduleCheckPendingRequests = function () {
    if (this.throttleCheckTimeoutId || this.pending.length === 0) return;
    this.throttleCheckTimeoutId = setTimeout(
      () => {
        this.throttleCheckTimeoutId = null;
        this.checkPendingRequests();
      },
      Math.max(this.throttledUntil - Date.now(), 10),
    );
  };
}

/**
 * Whether an error can mean that another producer has taken over this transactional id. Codes above 88 are unknown to
 * kafkajs: PRODUCER_FENCED (90) arrives as an unknown code, and older answers say INVALID_PRODUCER_EPOCH (47).
 */
export function mayBeFenced(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const { type } = cause as { type?: string };
    if (type === 'INVALID_PRODUCER_EPOCH' || type === 'KAFKAJS_UNKNOWN_ERROR_CODE' || type === 'TRANSACTION_COORDINATOR_FENCED')
      return true;
  }
  return false;
}

/** After createTopics brokers may not know the topic for a moment: waits until each partition has a leader. */
export async function awaitLeaders(admin: Admin, topics: readonly string[], deadlineMs: number): Promise<void> {
  const deadline = performance.now() + deadlineMs;
  for (;;) {
    const led = await admin.fetchTopicMetadata({ topics: [...topics] }).then(
      (metadata) =>
        metadata.topics.length === topics.length &&
        metadata.topics.every(({ partitions }) => partitions.length > 0 && partitions.every(({ leader }) => leader >= 0)),
      () => false,
    );
    if (led) return;
    if (performance.now() > deadline) throw new Error(`no leaders for ${topics.join(', ')} after ${deadlineMs} ms`);
    await delay(20);
  }
}

/**
 * A consumer may crash without a restart, or stop to fetch without a word. Resolves when it has done either, so that its
 * owner can make a new one, or when `signal` aborts. `silentMsMax` must be well above the longest fetch and batch.
 */
export function consumerFailed(consumer: Consumer, silentMsMax: number, signal: AbortSignal): Promise<'crashed' | 'silent' | 'stopped'> {
  return new Promise((resolve) => {
    let sign = performance.now();
    const alive = (): void => void (sign = performance.now());
    const { FETCH, HEARTBEAT, START_BATCH_PROCESS, END_BATCH_PROCESS, GROUP_JOIN, CRASH } = consumer.events;
    const removers = [FETCH, HEARTBEAT, START_BATCH_PROCESS, END_BATCH_PROCESS, GROUP_JOIN].map((event) => consumer.on(event, alive));
    const end = (why: 'crashed' | 'silent' | 'stopped'): void => {
      for (const remove of removers) remove();
      clearInterval(watch);
      resolve(why);
    };
    removers.push(consumer.on(CRASH, () => end('crashed')));
    const watch = setInterval(() => performance.now() - sign > silentMsMax && end('silent'), silentMsMax / 4);
    if (signal.aborted) end('stopped');
    else signal.addEventListener('abort', () => end('stopped'), { once: true });
  });
}

/** A consumer that hangs must not hang its owner: gives up waiting after `deadlineMs`. */
export async function disconnectWithin(client: { disconnect(): Promise<void> }, deadlineMs: number): Promise<void> {
  await Promise.race([client.disconnect().catch(() => undefined), delay(deadlineMs, undefined, { ref: false })]);
}
