import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { untilTrue } from './tributary-until.ts';

const project = resolve(import.meta.dirname, '../..');
const node = join(project, 'node_modules/.bin/node');

/** One role as a process of its own, beside others over the same database. */
export class RoleProcess {
  readonly #role: 'api' | 'projector' | 'bridge';
  readonly #env: Readonly<Record<string, string>>;
  #process: ChildProcess | undefined;
  #printed: string[] = [];

  /** `env`: its settings. */
  constructor(role: 'api' | 'projector' | 'bridge', env: Readonly<Record<string, string>>) {
    this.#role = role;
    this.#env = env;
  }

  get logs(): string {
    return this.#printed.join('');
  }

  /** Resolves when it is ready. */
  async start(): Promise<void> {
    const before = this.#printed.length;
    const launched = spawn(node, [`apps/${this.#role}/src/main.ts`], {
      cwd: project,
      env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...this.#env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const output of [launched.stdout, launched.stderr]) output.on('data', (chunk: Buffer) => this.#printed.push(chunk.toString()));
    const orphaned = (): void => void launched.kill('SIGKILL');
    process.once('exit', orphaned);
    launched.once('exit', () => process.off('exit', orphaned));
    this.#process = launched;
    await untilTrue(
      `the ${this.#role} is ready`,
      () => {
        if (launched.exitCode === null && launched.signalCode === null)
          return this.#printed.slice(before).join('').includes('"msg":"ready"');
        throw new Error(`the ${this.#role} has ended instead of getting ready\n${this.logs}`);
      },
      { deadlineMs: 60_000 },
    );
  }

  /** Ends it as a power cut would. */
  kill9(): Promise<void> {
    return this.#end('SIGKILL');
  }

  /** Asks it to end, and waits until it has. */
  stop(): Promise<void> {
    return this.#end('SIGTERM');
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const launched = this.#process;
    this.#process = undefined;
    if (!launched || launched.exitCode !== null || launched.signalCode !== null) return;
    const gone = once(launched, 'exit');
    launched.kill(signal);
    await gone;
  }
}
