import { spawn, type ChildProcess } from 'node:child_process';
import { open, readFile } from 'node:fs/promises';

const children = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});

export type ChildOptions = {
  readonly file: string;
  readonly arguments: readonly string[];
  /** For node itself. */
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Where its output goes. */
  readonly outputFile: string;
};

/** A process of ours. It never outlives the benchmark. */
export class Child {
  readonly pid: number;
  readonly #process: ChildProcess;
  readonly #outputFile: string;
  readonly #exited: Promise<void>;

  static async start(options: ChildOptions): Promise<Child> {
    const output = await open(options.outputFile, 'a');
    const child = spawn(process.execPath, [...(options.flags ?? []), options.file, ...options.arguments], {
      env: { ...process.env, ...options.env },
      stdio: ['ignore', output.fd, output.fd, 'ipc'],
    });
    await output.close();
    return new Child(child, options.outputFile);
  }

  private constructor(child: ChildProcess, outputFile: string) {
    this.pid = child.pid ?? 0;
    this.#process = child;
    this.#outputFile = outputFile;
    children.add(child);
    this.#exited = new Promise((resolve) => child.once('exit', () => (children.delete(child), resolve())));
  }

  get running(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null;
  }

  /** @throws Error with the end of its output when it is gone. */
  async assertRunning(): Promise<void> {
    if (!this.running) throw new Error(`a process ended early:\n${await this.output()}`);
  }

  async output(): Promise<string> {
    return (await readFile(this.#outputFile, 'utf8')).slice(-4000);
  }

  tell(message: object): void {
    this.#process.send(message);
  }

  /** The next message that it sends. */
  hears<Message>(): Promise<Message> {
    return new Promise((resolve, reject) => {
      const gone = (): void => void this.output().then((text) => reject(new Error(`a process ended early:\n${text}`)));
      this.#process.once('exit', gone);
      this.#process.once('message', (message) => {
        this.#process.off('exit', gone);
        resolve(message as Message);
      });
    });
  }

  async stop(): Promise<void> {
    if (this.running) this.#process.kill('SIGTERM');
    const late = setTimeout(() => this.#process.kill('SIGKILL'), 20_000);
    await this.#exited;
    clearTimeout(late);
  }
}
