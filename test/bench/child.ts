import { spawn, type ChildProcess } from 'node:child_process';
import { open, readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';

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

/** Seconds of processor that a process has used. */
async function processorSeconds(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The name in parentheses may hold spaces; user and system ticks are the 12th and 13th field behind it.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) / 100;
}

/** How busy the processes were between the two calls, in percent of one core, and the machine, of all. Tells what a figure is limited by. */
export async function measureBusy(pids: Readonly<Record<string, number>>): Promise<() => Promise<string>> {
  const began = performance.now();
  const all = { ...pids, generator: process.pid };
  const before = await Promise.all(Object.values(all).map(processorSeconds));
  const idleBefore = await idleSeconds();
  return async () => {
    const seconds = (performance.now() - began) / 1000;
    const after = await Promise.all(Object.values(all).map(processorSeconds));
    const idle = ((await idleSeconds()) - idleBefore) / seconds / availableParallelism();
    const each = Object.keys(all).map((name, index) => `${name} ${percent((after[index] ?? 0) - (before[index] ?? 0), seconds)}`);
    return `${each.join(', ')} of a core; machine ${(100 - 100 * Math.min(1, idle)).toFixed(0)} % busy`;
  };
}

const percent = (part: number, whole: number): string => `${((100 * part) / whole).toFixed(0)} %`;

async function idleSeconds(): Promise<number> {
  const [, , , , idle = 0, wait = 0] = (await readFile('/proc/stat', 'utf8').catch(() => ''))
    .split('\n', 1)
    .join('')
    .split(/\s+/)
    .map(Number);
  return (idle + wait) / 100;
}
