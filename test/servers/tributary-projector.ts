import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { untilTrue } from './tributary-until.ts';

const project = resolve(import.meta.dirname, '../..');
const node = join(project, 'node_modules/.bin/node');

/** The projector as a process of its own, beside others over the same database. */
export class ProjectorProcess {
  readonly #env: Readonly<Record<string, string>>;
  #process: ChildProcess | undefined;
  #printed: string[] = [];

  /** `env`: its settings. */
  constructor(env: Readonly<Record<string, string>>) {
    this.#env = env;
  }

  get logs(): string {
    return this.#printed.join('');
  }

  /** Resolves when it is ready. */
  async start(): Promise<void> {
    const before = this.#printed.length;
    const launched = spawn(node, ['apps/projector/src/main.ts'], {
      cwd: project,
      env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...this.#env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const output of [launched.stdout, launched.stderr]) output.on('data', (chunk: Buffer) => this.#printed.push(chunk.toString()));
    process.once('exit', () => launched.kill('SIGKILL'));
    this.#process = launched;
    await untilTrue('the projector is ready', () => {
      if (launched.exitCode !== null) throw new Error(`the projector has ended instead of getting ready\n${this.logs}`);
      return this.#printed.slice(before).join('').includes('"ready"');
    });
  }

  /** Ends it as a power cut would. */
  async kill9(): Promise<void> {
    const launched = this.#process;
    this.#process = undefined;
    if (!launched || launched.exitCode !== null || launched.signalCode !== null) return;
    const gone = once(launched, 'exit');
    launched.kill('SIGKILL');
    await gone;
  }
}
