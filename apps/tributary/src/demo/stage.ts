import { execFile, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Running } from './running.ts';

export type StageOptions = {
  /** The kubectl to run. */
  readonly kubectl: string;
  readonly kubeconfig: string;
  /** `https://127.0.0.1:6443`, without a workspace. */
  readonly url: string;
  /** Told of everything as it happens. */
  readonly show?: (shown: Shown) => void;
};

export type Shown =
  /** `input` is what the command reads. */
  { readonly type: 'command'; readonly text: string; readonly input?: string } | { readonly type: 'output'; readonly text: string };

const commandDeadlineMs = 60_000;
const curlDeadlineMs = 5_000;

/** Where steps are played: runs commands as a person would type them, and shows them with what they print. */
export class Stage {
  readonly #options: StageOptions;
  readonly #cacheFolder: string;
  readonly #running = new Set<Running>();

  /** With a fresh cache of discovery, so that nothing is known of an earlier server at the same address. */
  static async open(options: StageOptions): Promise<Stage> {
    return new Stage(options, await mkdtemp(join(tmpdir(), 'tributary-kubectl-')));
  }

  private constructor(options: StageOptions, cacheFolder: string) {
    this.#options = options;
    this.#cacheFolder = cacheFolder;
  }

  /** Runs kubectl in a workspace and answers what it printed. @throws Error with everything it said when it fails. */
  async kubectl(workspace: string, words: readonly string[], input?: string): Promise<string> {
    const { code, output } = await this.#run(workspace, words, input);
    if (code !== 0) throw new Error(`kubectl ${words.join(' ')} failed in ${workspace}: ${output}`);
    return output;
  }

  /** As `kubectl`, for what must fail. */
  async refused(workspace: string, words: readonly string[], input?: string): Promise<string> {
    const { code, output } = await this.#run(workspace, words, input);
    if (code === 0) throw new Error(`kubectl ${words.join(' ')} should have failed in ${workspace}: ${output}`);
    return output;
  }

  /** Starts kubectl in another shell, where it goes on until `stop`. */
  watch(workspace: string, words: readonly string[]): Running {
    this.#show({ type: 'command', text: `${this.#typed(workspace, words)} &` });
    const running = new Running(spawn(this.#options.kubectl, this.#flags(workspace, words), { stdio: ['ignore', 'pipe', 'pipe'] }));
    this.#running.add(running);
    return running;
  }

  show(output: string): void {
    this.#show({ type: 'output', text: output });
  }

  /** The body at a URL, or undefined where nobody answers. */
  async curl(url: string): Promise<string | undefined> {
    this.#show({ type: 'command', text: `curl ${url}` });
    const body = await fetch(url, { signal: AbortSignal.timeout(curlDeadlineMs), headers: { connection: 'close' } }).then(
      (answer) => answer.text(),
      () => undefined,
    );
    this.#show({ type: 'output', text: body ?? 'curl: connection refused' });
    return body;
  }

  /** Ends what still runs and drops the cache. */
  async close(): Promise<void> {
    await Promise.all([...this.#running].map((running) => running.stop()));
    await rm(this.#cacheFolder, { recursive: true, force: true });
  }

  #run(workspace: string, words: readonly string[], input?: string): Promise<{ readonly code: number; readonly output: string }> {
    this.#show({ type: 'command', text: this.#typed(workspace, words), ...(input === undefined ? {} : { input }) });
    return new Promise((resolve) => {
      const child = execFile(
        this.#options.kubectl,
        this.#flags(workspace, words),
        { timeout: commandDeadlineMs, maxBuffer: 1 << 24 },
        (error, stdout, stderr) => {
          const output = `${stdout}${stderr}`;
          this.#show({ type: 'output', text: output });
          resolve({ code: error === null ? 0 : Number(error.code ?? 1), output });
        },
      );
      child.stdin?.end(input);
    });
  }

  #flags(workspace: string, words: readonly string[]): string[] {
    const { kubeconfig } = this.#options;
    return ['--kubeconfig', kubeconfig, '--cache-dir', this.#cacheFolder, '--server', this.#serverOf(workspace), ...words];
  }

  #typed(workspace: string, words: readonly string[]): string {
    return ['kubectl', '--server', this.#serverOf(workspace), ...words.map(quoted)].join(' ');
  }

  #serverOf(workspace: string): string {
    return `${this.#options.url}/clusters/${workspace}`;
  }

  #show(shown: Shown): void {
    this.#options.show?.(shown);
  }
}

const quoted = (word: string): string => (/^[\w./:=,@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`);
