import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

/** One line of what a check found. */
export type CheckLine = { readonly name: string; readonly ok: boolean; readonly detail?: string; readonly millis: number };

/** A program built from the sources here, with one version of the client library. */
export type GoClients = { readonly clientGo: string; readonly program: string };

/** Checks that run one after the other, in a process of their own. */
export type GoSection = { readonly name: string; readonly checks: readonly string[] };

const run = promisify(execFile);
const sources = import.meta.dirname;
const cache = resolve(sources, '../../../.cache/go-clients');
/** The one that go.mod names, and an older one, from the same sources. */
const modfiles = ['go.mod', 'client-go-0.32.mod'];

/** Undefined where Go is not installed. Minutes at the first time, seconds later. */
export async function builtGoClients(): Promise<readonly GoClients[] | undefined> {
  if (!(await run('go', ['version']).catch(() => undefined))) return undefined;
  await mkdir(cache, { recursive: true });
  const built: GoClients[] = [];
  for (const modfile of modfiles) built.push(await build(modfile));
  return built;
}

async function build(modfile: string): Promise<GoClients> {
  const go = (...words: readonly string[]) => run('go', words, { cwd: sources, maxBuffer: 1 << 24 });
  const program = join(cache, modfile.replace('.mod', ''));
  const began = Date.now();
  await go('build', '-p', '2', '-trimpath', '-ldflags', '-s -w', '-modfile', modfile, '-o', program, '.');
  const { stdout } = await go('list', '-modfile', modfile, '-m', '-f', '{{.Version}}', 'k8s.io/client-go');
  console.log(`client-go ${stdout.trim()}: built in ${Math.round((Date.now() - began) / 1_000)} s`);
  return { clientGo: stdout.trim(), program };
}

export async function sectionsOf({ program }: GoClients): Promise<readonly GoSection[]> {
  const { stdout } = await run(program, ['list']);
  return JSON.parse(stdout) as readonly GoSection[];
}

export type SectionPlace = {
  readonly kubeconfig: string;
  /** The workspace's address. */
  readonly server: string;
  /** Does what the checks wait for, such as a restart of the server. */
  readonly serve?: (waiting: string) => Promise<void>;
};

/** A section that runs: its lines by the check's name, and what else it said. */
export type SectionRun = { readonly lines: ReadonlyMap<string, CheckLine>; readonly complaints: string };

/** Runs one section to its end. */
export async function runSection({ program }: GoClients, section: string, place: SectionPlace): Promise<SectionRun> {
  const launched = spawn(program, ['run', section, '-kubeconfig', place.kubeconfig, '-server', place.server]);
  const orphaned = (): void => void launched.kill('SIGKILL');
  process.once('exit', orphaned);
  const complaints: string[] = [];
  launched.stderr.on('data', (chunk: Buffer) => complaints.push(chunk.toString()));
  const lines = new Map<string, CheckLine>();
  const ended = once(launched, 'close');
  for await (const text of createInterface(launched.stdout)) {
    const line = JSON.parse(text) as CheckLine | { readonly waiting: string };
    if ('waiting' in line) await answer(launched, place, line.waiting);
    else lines.set(line.name, line);
  }
  await ended;
  process.off('exit', orphaned);
  return { lines, complaints: complaints.join('') };
}

async function answer(launched: ChildProcess, { serve }: SectionPlace, waiting: string): Promise<void> {
  if (!serve) throw new Error(`nobody is there for a ${waiting}`);
  await serve(waiting);
  launched.stdin?.write('done\n');
}

if (import.meta.main) await builtGoClients();
