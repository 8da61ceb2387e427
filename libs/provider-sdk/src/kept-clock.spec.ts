import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { keptClock } from './kept-clock.ts';

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

async function given() {
  const folder = await mkdtemp(join(tmpdir(), 'tributary-kept-clock-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'sequence');
  const warnings: string[] = [];
  const logger = { warn: (_: object, text: string) => void warnings.push(text) };
  const clock = { nowMs: 10 * dayMs };
  const start = () => keptClock({ file, logger, nowMs: () => clock.nowMs });
  return { folder, file, warnings, clock, start };
}

test('a kept clock goes on above what it counted, although the clock was set back meanwhile', async () => {
  const { clock, start } = await given();
  const first = await start();
  const counted = [first(), first()];
  clock.nowMs -= dayMs;
  const second = await start();
  expect(second() > counted[1]!).toBe(true);
  const last = second();
  clock.nowMs += dayMs + 10 * minuteMs;
  const third = await start();
  expect(third() > last).toBe(true);
  expect(third() / 1000n).toBe(BigInt(clock.nowMs));
});

test('a kept clock keeps up with the time that it runs', async () => {
  const { file, clock, start } = await given();
  const first = await start();
  const before = await readFile(file, 'utf8');
  clock.nowMs += 5 * minuteMs;
  const last = first();
  await expect.poll(() => readFile(file, 'utf8'), { timeout: 20_000 }).not.toBe(before);
  clock.nowMs -= dayMs;
  expect((await start())() > last).toBe(true);
});

test('a kept clock writes nothing while it counts what it has kept already', async () => {
  const { file, start } = await given();
  const next = await start();
  const before = await readFile(file, 'utf8');
  for (let count = 0; count < 1_000; count++) next();
  expect(await readFile(file, 'utf8')).toBe(before);
});

test('a kept clock trusts the clock where its file says nothing, and says so; where it cannot keep anything, it does not begin', async () => {
  const { folder, file, warnings, clock, start } = await given();
  await writeFile(file, '');
  const next = await start();
  expect(next() / 1000n).toBe(BigInt(clock.nowMs));
  expect(warnings).toEqual(['the file does not say how far reports were counted: the clock is trusted']);
  await rm(folder, { recursive: true });
  await expect(start()).rejects.toThrow('ENOENT');
  clock.nowMs += 2 * minuteMs;
  next();
  await expect.poll(() => warnings.at(-1), { timeout: 20_000 }).toMatch(/could not be kept/);
});
