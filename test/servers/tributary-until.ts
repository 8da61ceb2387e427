import { setTimeout as pause } from 'node:timers/promises';

export type UntilOptions = { readonly deadlineMs?: number; readonly pauseMs?: number };

/**
 * Asks again and again until there is an answer other than undefined, and gives that.
 * @throws Error naming `what` and the last failure of `ask` when the deadline has passed.
 */
export async function until<Answer>(
  what: string,
  ask: () => Promise<Answer | undefined> | Answer | undefined,
  { deadlineMs = 30_000, pauseMs = 25 }: UntilOptions = {},
): Promise<Answer> {
  const deadline = Date.now() + deadlineMs;
  let failure: unknown;
  for (;;) {
    try {
      const answer = await ask();
      if (answer !== undefined) return answer;
      failure = undefined;
    } catch (error) {
      failure = error;
    }
    if (Date.now() > deadline) throw new Error(`waited ${deadlineMs} ms in vain: ${what}`, { cause: failure });
    await pause(pauseMs);
  }
}

/** As `until`, for a condition that is true or false. */
export async function untilTrue(what: string, holds: () => Promise<boolean> | boolean, options: UntilOptions = {}): Promise<void> {
  await until(what, async () => ((await holds()) ? true : undefined), options);
}
