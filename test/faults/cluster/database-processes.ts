import { readdirSync, readFileSync } from 'node:fs';
import { countKill } from '../kills.ts';

/** A process of a PostgreSQL server: `client backend`, `walwriter`, `checkpointer`, … */
export type DatabaseProcess = { readonly pid: number; readonly title: string };

/** Those whom a postmaster has started. Linux only. */
export function childrenOf(postmaster: number): readonly DatabaseProcess[] {
  return readdirSync('/proc').flatMap((entry) => {
    if (!/^\d+$/.test(entry)) return [];
    try {
      const parent = /\) . (\d+) /.exec(readFileSync(`/proc/${entry}/stat`, 'utf8'))?.[1];
      if (Number(parent) !== postmaster) return [];
      return [{ pid: Number(entry), title: readFileSync(`/proc/${entry}/cmdline`, 'utf8').replaceAll('\0', ' ').trim() }];
    } catch {
      // Gone meanwhile.
      return [];
    }
  });
}

/** Sends a signal to whoever may be gone by now. Gives whether it was there. */
export function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    process.kill(pid, name);
    if (name === 'SIGKILL') countKill('PostgreSQL');
    return true;
  } catch {
    return false;
  }
}
