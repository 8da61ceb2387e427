import { readFile } from 'node:fs/promises';
import { until } from './pace.ts';

const toleranceMegabytes = 2;

export async function residentMegabytes(pid: number): Promise<number> {
  const kilobytes = /^VmRSS:\s*(\d+) kB/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kilobytes) / 1024;
}

/** The resident memory once it has not moved for `stillMs`. */
export async function settledMegabytes(pid: number, stillMs: number): Promise<number> {
  let reference = await residentMegabytes(pid);
  let since = performance.now();
  return until(
    'the memory settles',
    async () => {
      const now = await residentMegabytes(pid);
      if (Math.abs(now - reference) > toleranceMegabytes) [reference, since] = [now, performance.now()];
      return performance.now() - since >= stillMs ? now : undefined;
    },
    10 * 60_000,
  );
}
