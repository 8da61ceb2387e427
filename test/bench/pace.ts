import { setTimeout as pause } from 'node:timers/promises';

/**
 * Starts `count` tasks at a steady rate, whether earlier ones are done or not: a slow answer does not slow down what is
 * asked. Resolves when all are done.
 */
export async function atRate(perSecond: number, count: number, start: (index: number) => Promise<unknown>): Promise<void> {
  const running: Promise<unknown>[] = [];
  const began = performance.now();
  while (running.length < count) {
    const due = Math.min(count, Math.floor(((performance.now() - began) / 1000) * perSecond) + 1);
    while (running.length < due) running.push(start(running.length));
    await pause(1);
  }
  await Promise.all(running);
}

/** Asks again until the answer is not undefined. @throws Error with `what` after the deadline. */
export async function until<Answer>(
  what: string,
  ask: () => Promise<Answer | undefined> | Answer | undefined,
  deadlineMs = 60_000,
): Promise<Answer> {
  const deadline = performance.now() + deadlineMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > deadline) throw new Error(`waited in vain for ${deadlineMs / 1000} s: ${what}`);
    await pause(5);
  }
}
