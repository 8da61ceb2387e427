import { expect, it, onTestFinished, vi } from 'vitest';
import type { AccessRules } from '#access';
import { metricsText, silentLogger } from '#telemetry';
import { lastKnown } from '../metrics.ts';
import type { Part } from './parts.ts';
import { Progress } from './progress.ts';
import { watchHealth } from './watch-health.ts';

it('takes a follower for stuck that stands still behind the head, and for well one that moves or has nothing to do', () => {
  let now = 0;
  const progress = new Progress(() => now);
  const looks = [
    [0, 5n, 100n, false],
    [29_000, 5n, 100n, false],
    [31_000, 5n, 100n, true],
    [32_000, 6n, 100n, false],
    [70_000, 6n, 200n, true],
    [71_000, 200n, 200n, false],
    [200_000, 200n, 200n, false],
    [201_000, 200n, 300n, false],
  ] as const;
  for (const [at, position, head, stuck] of looks) {
    now = at;
    expect([at, progress.isStuck(position, head)]).toEqual([at, stuck]);
  }
});

it('tells each part by itself, in checks and in metrics; a throw says that it does not answer', async () => {
  let wrong: string | undefined;
  const logger = { info: vi.fn(), warn: vi.fn() };
  const refusal = new Error('permission denied for table events');
  const parts: readonly Part[] = [
    { name: 'log', required: true, everyMs: 5, look: () => Promise.reject(refusal) },
    { name: 'views', required: false, everyMs: 5, look: () => Promise.resolve(wrong) },
  ];
  const health = watchHealth(parts, logger);
  onTestFinished(health.stop);
  const told = (name: string) => health.checks().find((check) => check.name === name);
  await vi.waitFor(() => expect(told('log')).toEqual({ name: 'log', healthy: false, required: true, message: 'it does not answer' }));
  expect(told('views')).toEqual({ name: 'views', healthy: true, required: false });
  wrong = 'resources is 7 positions behind';
  await vi.waitFor(() => expect(told('views')).toMatchObject({ healthy: false, message: wrong }));
  expect(await metricsText()).toContain('tributary_part_healthy{part="views"} 0\n');
  wrong = undefined;
  await vi.waitFor(() => expect(told('views')).toMatchObject({ healthy: true }));
  expect(await metricsText()).toContain('tributary_part_healthy{part="views"} 1\n');
  // The log names the reason, once and not with every look.
  expect(logger.warn.mock.calls).toEqual([
    [{ part: 'log', reason: 'it does not answer', err: refusal }, 'a part is not well'],
    [{ part: 'views', reason: 'resources is 7 positions behind' }, 'a part is not well'],
  ]);
  expect(logger.info.mock.calls).toEqual([[{ part: 'views' }, 'a part is well again']]);
});

it('goes by the last known rules while the log does not answer', async () => {
  const rules = {} as AccessRules;
  const read = vi.fn<() => Promise<AccessRules | undefined>>().mockRejectedValueOnce(new Error('away'));
  const rulesOfRoot = lastKnown(read);
  expect(await rulesOfRoot()).toBeUndefined();
  read.mockResolvedValueOnce(rules).mockRejectedValueOnce(new Error('away'));
  expect([await rulesOfRoot(), await rulesOfRoot()]).toEqual([rules, rules]);
});

it('is not ready before the start is finished, nor once the process is about to stop', () => {
  const health = watchHealth([], silentLogger);
  const failing = (): string[] =>
    health
      .checks()
      .filter((check) => !check.healthy && check.required)
      .map(({ name }) => name);
  expect(failing()).toEqual(['startup']);
  health.started();
  expect(failing()).toEqual([]);
  health.stopping();
  expect(failing()).toEqual(['shutdown']);
});
