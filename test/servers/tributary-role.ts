import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir, userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import type { Exit } from './tributary.ts';
import { untilTrue } from './tributary-until.ts';

/** The example provider is no role of the mesh, but is started and ended as one. */
export type RoleName = 'api' | 'projector' | 'bridge' | 'example-provider';

const project = resolve(import.meta.dirname, '../..');
const node = join(project, 'node_modules/.bin/node');
const readyDeadlineMs = 120_000;

/** Modules compiled once for all starts: who is killed hundreds of times starts in half the time. */
export const compileCache = { NODE_COMPILE_CACHE: join(tmpdir(), `tributary-compile-cache-${userInfo().uid}`) };

/** One role as a process of its own, beside others over the same database. */
export class RoleProcess {
  readonly role: RoleName;
  readonly #env: Readonly<Record<string, string>>;
  #process: ChildProcess | undefined;
  readonly #printed: string[] = [];

  /** `env`: its settings. */
  constructor(role: RoleName, env: Readonly<Record<string, string>>) {
    this.role = role;
    this.#env = env;
  }

  get logs(): string {
    return this.#printed.join('');
  }

  get isRunning(): boolean {
    return this.#process !== undefined && this.#process.exitCode === null && this.#process.signalCode === null;
  }

  /** Starts the process without waiting. */
  launch(): void {
    if (this.isRunning) throw new Error(`the ${this.role} runs already`);
    const launched = spawn(node, [`apps/${this.role}/src/main.ts`], {
      cwd: project,
      env: { ...inherited(), ...compileCache, ...this.#env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const output of [launched.stdout, launched.stderr]) output.on('data', (chunk: Buffer) => this.#printed.push(chunk.toString()));
    const orphaned = (): void => void launched.kill('SIGKILL');
    process.once('exit', orphaned);
    launched.once('exit', () => process.off('exit', orphaned));
    this.#process = launched;
  }

  /** Resolves when it is ready. */
  async start(): Promise<void> {
    const before = this.#printed.length;
    this.launch();
    // Whoever has ended will not get ready: no need to wait for that.
    await untilTrue(
      `the ${this.role} is ready`,
      () =>
        !this.isRunning ||
        this.#printed
          .slice(before)
          .join('')
          .includes(`"msg":"${this.role === 'example-provider' ? 'delivers HttpBins' : 'ready'}"`),
      {
        deadlineMs: readyDeadlineMs,
      },
    );
    if (!this.isRunning) throw new Error(`the ${this.role} has ended instead of getting ready\n${this.logs}`);
  }

  /** Ends it as a power cut would. Gives whether it was that which has ended it: it may have ended before. */
  async kill9(): Promise<boolean> {
    return this.#process !== undefined && (await this.#end(this.#process, 'SIGKILL')).signal === 'SIGKILL';
  }

  /** Asks it to end, and waits until it has. */
  async stop(): Promise<Exit | undefined> {
    return this.#process && this.#end(this.#process, 'SIGTERM');
  }

  /** Stops it in the middle of whatever it does, as a machine does that is moved or swaps; `resume` lets it go on. */
  pause(): void {
    this.#process?.kill('SIGSTOP');
  }

  resume(): void {
    this.#process?.kill('SIGCONT');
  }

  async #end(launched: ChildProcess, signal: 'SIGKILL' | 'SIGTERM'): Promise<Exit> {
    if (launched.exitCode === null && launched.signalCode === null) {
      const gone = once(launched, 'exit');
      launched.kill(signal);
      await gone;
    }
    this.#process = undefined;
    return { code: launched.exitCode, signal: launched.signalCode };
  }
}

/** What must reach it from the shell that runs the tests: nothing that could be a setting. CI finds by its mark what was left over. */
function inherited(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    ['PATH', 'HOME', 'TMPDIR', 'CI_RUN_ID'].flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])),
  );
}
