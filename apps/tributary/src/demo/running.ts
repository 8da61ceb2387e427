import type { ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';

/** A command that goes on in another shell, with what it has printed so far. */
export class Running {
  #output = '';
  #changed = Promise.withResolvers<void>();
  readonly #child: ChildProcessByStdio<null, Readable, Readable>;
  readonly #gone: Promise<unknown>;

  constructor(child: ChildProcessByStdio<null, Readable, Readable>) {
    this.#child = child;
    this.#gone = once(child, 'close');
    const collect = (chunk: Buffer): void => {
      this.#output += chunk.toString();
      this.#changed.resolve();
      this.#changed = Promise.withResolvers();
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
  }

  /** Resolves with what was printed once it satisfies `enough`. @throws Error when the deadline passes or the command ends first. */
  async until(what: string, enough: (output: string) => boolean, deadlineMs = 20_000): Promise<string> {
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => late.reject(new Error(`waited ${deadlineMs} ms in vain for ${what}:\n${this.#output}`)), deadlineMs);
    const ended = this.#gone.then(() => Promise.reject(new Error(`the command ended before ${what}:\n${this.#output}`)));
    ended.catch(() => undefined);
    try {
      while (!enough(this.#output)) await Promise.race([this.#changed.promise, late.promise, ended]);
      return this.#output;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Ends the command and answers all that it printed. */
  async stop(): Promise<string> {
    this.#child.kill('SIGINT');
    await this.#gone;
    return this.#output;
  }
}
