import { readdir, readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';

type Usage = { readonly pid: number; readonly parent: number; readonly seconds: number };

/**
 * Who had the processors between the two calls, in percent of one core: tells what a figure is limited by, and whether somebody else
 * was at work on the machine. What the named processes started (PostgreSQL, a broker) is counted as `servers`.
 */
export async function measureBusy(pids: Readonly<Record<string, number>>): Promise<() => Promise<string>> {
  const named = { ...pids, generator: process.pid };
  const began = performance.now();
  const before = await look(named);
  return async () => {
    const after = await look(named);
    const seconds = (performance.now() - began) / 1000;
    const percent = (name: string): number => (100 * ((after.get(name) ?? 0) - (before.get(name) ?? 0))) / seconds;
    const others =
      availableParallelism() * 100 - percent('idle') - [...Object.keys(named), 'servers'].reduce((sum, name) => sum + percent(name), 0);
    const ours = [...Object.keys(named), 'servers'].map((name) => `${name} ${percent(name).toFixed(0)} %`);
    return `${ours.join(', ')} of a core, others on the machine ${Math.max(0, others).toFixed(0)} %`;
  };
}

async function look(named: Readonly<Record<string, number>>): Promise<ReadonlyMap<string, number>> {
  const all = (await Promise.all((await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(usageOf))).filter(
    (usage) => usage !== undefined,
  );
  const nameOf = new Map(Object.entries(named).map(([name, pid]) => [pid, name]));
  const parents = new Map(all.map(({ pid, parent }) => [pid, parent]));
  const seconds = new Map<string, number>([['idle', await idleSeconds()]]);
  for (const usage of all) {
    const name = nameOf.get(usage.pid) ?? (isBelow(process.pid, usage.pid, parents) ? 'servers' : undefined);
    if (name) seconds.set(name, (seconds.get(name) ?? 0) + usage.seconds);
  }
  return seconds;
}

function isBelow(ancestor: number, pid: number, parents: ReadonlyMap<number, number>): boolean {
  for (let at: number | undefined = pid; at !== undefined && at > 1; at = parents.get(at)) if (at === ancestor) return true;
  return false;
}

async function usageOf(pid: string): Promise<Usage | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  // The name in parentheses may hold spaces. Behind it: the parent is the 2nd field, user and system ticks the 12th and 13th.
  const fields = text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  return { pid: Number(pid), parent: fields[1] ?? 0, seconds: ((fields[11] ?? 0) + (fields[12] ?? 0)) / 100 };
}

async function idleSeconds(): Promise<number> {
  const [, , , , idle = 0, wait = 0] = (await readFile('/proc/stat', 'utf8').catch(() => ''))
    .split('\n', 1)
    .join('')
    .split(/\s+/)
    .map(Number);
  return (idle + wait) / 100;
}
