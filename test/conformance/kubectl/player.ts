import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Kubectl } from '../../servers/kubectl.ts';
import { untilTrue } from '../../servers/tributary-until.ts';
import { files } from './files.ts';
import { comparable, wordsOf, type Expected, type Step } from './step.ts';

/** What a command printed and how it ended. A watch that was stopped has no code. */
export type Ran = { readonly code: number | undefined; readonly out: string; readonly err: string };

const deadlineMs = 60_000;
const begunDeadlineMs = 20_000;

type Place = { readonly home: string; readonly kubeconfig: string; readonly server: string };

/** Someone with a kubectl, a home of their own and a workspace. */
export class Player {
  readonly kubectl: Kubectl;
  readonly #home: string;
  /** What `get --raw` and its like are told before the path: until 1.33 they forgot the server's own. */
  readonly #prefix: string;

  /** `server` is a workspace's address, `https://127.0.0.1:6443/clusters/root:orgs:acme`. */
  static async open(kubectl: Kubectl, { home, kubeconfig, server }: Place): Promise<Player> {
    await mkdir(home, { recursive: true });
    const given = await readFile(kubeconfig, 'utf8');
    await writeFile(join(home, 'kubeconfig'), given.replace(/^( *server: ).*$/m, `$1${server}`));
    for (const [name, content] of Object.entries(files)) {
      await mkdir(join(home, name, '..'), { recursive: true });
      await writeFile(join(home, name), content);
    }
    return new Player(kubectl, home, kubectl.minor > 33 ? '' : new URL(server).pathname);
  }

  private constructor(kubectl: Kubectl, home: string, prefix: string) {
    this.kubectl = kubectl;
    this.#home = home;
    this.#prefix = prefix;
  }

  async play(step: Step): Promise<Ran> {
    return step.meanwhile ? this.#follow(step, step.meanwhile) : this.#run(step);
  }

  /** What the step asks for, in this kubectl's words. */
  expected(text: Expected | undefined): string | RegExp {
    const said = typeof text === 'function' ? text(this.kubectl.minor) : (text ?? '');
    return typeof said === 'string' ? comparable(said) : said;
  }

  #run({ run, stdin = '', env = {} }: Pick<Step, 'run' | 'stdin' | 'env'>): Promise<Ran> {
    const options = { cwd: this.#home, env: this.#environment(env), timeout: deadlineMs, maxBuffer: 1 << 24 };
    return new Promise((resolve) => {
      const child = execFile(this.kubectl.program, this.#words(run), options, (error, out, err) =>
        resolve({ code: error === null ? 0 : Number(error.code), out: comparable(out), err: comparable(err) }),
      );
      child.stdin?.on('error', () => undefined).end(stdin);
    });
  }

  async #follow(step: Step, { begun, run = [] }: NonNullable<Step['meanwhile']>): Promise<Ran> {
    const child = spawn(this.kubectl.program, this.#words(step.run), { cwd: this.#home, env: this.#environment(step.env ?? {}) });
    const said = { out: '', err: '' };
    child.stdout.on('data', (chunk: Buffer) => (said.out += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (said.err += chunk.toString()));
    const gone = once(child, 'close');
    const lines = (text: string): number => text.split('\n').length;
    const expected = this.expected(step.out);
    const printedAll = (): boolean =>
      typeof expected === 'string'
        ? said.out !== '' && lines(comparable(said.out)) >= lines(expected)
        : expected.test(comparable(said.out));
    const hasEnded = (): boolean => child.exitCode !== null;
    const enough = (): boolean => hasEnded() || (step.code === undefined && printedAll());
    try {
      await untilTrue(`${step.run} is under way`, () => begun.test(said.out + said.err) || hasEnded(), { deadlineMs: begunDeadlineMs });
      for (const command of run) {
        const { code, err } = await this.#run({ run: command });
        if (code !== 0) throw new Error(`meanwhile, ${command} failed: ${err}`);
      }
      // What is still missing at the deadline shows in the comparison.
      await untilTrue(`${step.run} has printed it all`, enough, { deadlineMs: begunDeadlineMs }).catch(() => undefined);
    } finally {
      child.kill('SIGTERM');
      await gone;
    }
    return {
      code: step.code === undefined ? undefined : (child.exitCode ?? undefined),
      out: comparable(said.out),
      err: comparable(said.err),
    };
  }

  #words(typed: string): string[] {
    return wordsOf(typed.replaceAll('{prefix}', this.#prefix));
  }

  #environment(env: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
    const home = { HOME: this.#home, KUBECONFIG: join(this.#home, 'kubeconfig'), TZ: 'UTC', LC_ALL: 'C' };
    return { PATH: process.env['PATH'], TMPDIR: process.env['TMPDIR'], ...home, ...env };
  }
}
