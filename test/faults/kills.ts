import { afterAll } from 'vitest';

const killed = new Map<string, number>();

/**
 * Ends a process by SIGKILL, and counts it. `whose` is what it is counted as.
 * @throws Error where it had ended before: whoever ends of itself is no victim, and must not pass for one
 */
export async function killInMidst(victim: { kill9(): Promise<boolean> }, whose: string): Promise<void> {
  if (!(await victim.kill9())) throw new Error(`the ${whose} was to be killed, but had ended of itself`);
  countKill(whose);
}

/** Counts a process that was ended by SIGKILL in the midst of its work. `.ci/run` sums up the lines in which the suites tell of theirs. */
export function countKill(whose: string): void {
  killed.set(whose, (killed.get(whose) ?? 0) + 1);
}

afterAll(() => {
  const sum = [...killed.values()].reduce((total, count) => total + count, 0);
  if (sum > 0) console.log(`kills: ${sum} (${[...killed].map(([whose, count]) => `${count} × ${whose}`).join(', ')})`);
});
