import { readdirSync, readFileSync } from 'node:fs';
import { countKill } from '../kills.ts';

/** A process of a PostgreSQL server: `client backend`, `walwriter`, `checkpointer`, … */
export type DatabaseProcess = { readonly pid: number; readonly title: string };

/** Those whom a postmaster has started, and who live. Linux only. */
export function childrenOf(postmaster: number): readonly DatabaseProcess[] {
  return readdirSync('/proc').flatMap((entry) => {
    if (!/^\d+$/.test(entry)) return [];
    try {
      const [, state, parent] = /\) (.) (\d+) /.exec(readFileSync(`/proc/${entry}/stat`, 'utf8')) ?? [];
      if (Number(parent) !== postmaster || isDead(state)) return [];
      return [{ pid: Number(entry), title: readFileSync(`/proc/${entry}/cmdline`, 'utf8').replaceAll('\0', ' ').trim() }];
    } catch {
      // Gone meanwhile.
      return [];
    }
  });
}

/** Sends a signal to whoever may be gone by now. Gives whether it was there, and alive. */
export function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    if (isDead(stateOf(pid))) return false;
    process.kill(pid, name);
    if (name === 'SIGKILL') countKill('PostgreSQL');
    return true;
  } catch {
    return false;
  }
}

/** Whom nobody has asked about yet since its end is still there to be signalled. */
const isDead = (state: string | undefined): boolean => state === 'Z' || state === 'X';

/** As /proc tells it; undefined where it does not. */
function stateOf(pid: number): string | undefined {
  try {
    return /\) (.) /.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1];
  } catch {
    return undefined;
  }
}
