import { afterAll } from 'vitest';

const killed = new Map<string, number>();

/** Counts a process that was ended by SIGKILL in the midst of its work. `.ci/run` sums up the lines in which the suites tell of theirs. */
export function countKill(whose: string): void {
  killed.set(whose, (killed.get(whose) ?? 0) + 1);
}

afterAll(() => {
  const sum = [...killed.values()].reduce((total, count) => total + count, 0);
  if (sum > 0) console.log(`kills: ${sum} (${[...killed].map(([whose, count]) => `${count} × ${whose}`).join(', ')})`);
});
