import { execFile } from 'node:child_process';
import type { Kubectl } from './kubectl.ts';

/** How kubectl ended: its exit code, and all that it wrote. */
export type Ran = { readonly code: number; readonly out: string; readonly err: string };

/** Runs kubectl with `stdin` as its input. That it fails is an answer, too. */
export function runKubectl({ program }: Kubectl, words: readonly string[], stdin = ''): Promise<Ran> {
  return new Promise((resolve) => {
    const child = execFile(program, [...words], (error, out, err) => resolve({ code: error === null ? 0 : Number(error.code), out, err }));
    child.stdin?.end(stdin);
  });
}
