import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';

/** A kubectl to test with. */
export type Kubectl = { readonly program: string; readonly version: string; readonly minor: number };

/** The oldest that suites of one kubectl take, and the oldest that is looked at at all. */
const minorMin = 29;
const minorOldest = 27;
/** The newest there is: built where no versioned binary is at hand, and beside them where Go is. */
const moduleVersion = 'v0.37.2';

/**
 * The one that `KUBECTL` names, else the newest versioned kubectl (`kubectl.1.NN`, which some distributions put beside a dispatcher) or a plain one on the PATH,
 * else one built from the Go module `k8s.io/kubectl`. Prints which.
 */
export async function testKubectl(): Promise<Kubectl> {
  const named = process.env['KUBECTL'];
  const kubectl = named ? await askVersion(named) : ((await installedKubectl()) ?? (await askVersion(await builtKubectl())));
  if (!kubectl) throw new Error(`${named ?? 'the kubectl built from k8s.io/kubectl'} does not run, or is older than 1.${minorMin}`);
  console.log(`kubectl ${kubectl.version}: ${kubectl.program}`);
  return kubectl;
}

/**
 * One kubectl of each minor version that is at hand, oldest first: those on the PATH, and the newest there is, built where Go is. What `KUBECTLS`
 * names, parted by spaces, takes the place of all of them.
 */
export async function everyKubectl(): Promise<readonly Kubectl[]> {
  const named = process.env['KUBECTLS']?.split(/\s+/).filter((program) => program !== '');
  const programs = named ?? [...(await installedPrograms()), ...(await newestKubectl())];
  const byMinor = new Map<number, Kubectl>();
  for (const program of programs) {
    const found = await askVersion(program, minorOldest);
    if (found && !byMinor.has(found.minor)) byMinor.set(found.minor, found);
    if (named && !found) throw new Error(`${program} does not run, or is older than 1.${minorOldest}`);
  }
  return [...byMinor.values()].sort((a, b) => a.minor - b.minor);
}

/** Without Go there is none, and the suites go on with what is installed. */
async function newestKubectl(): Promise<readonly string[]> {
  return builtKubectl().then(
    (program) => [program],
    (error: unknown) => {
      console.log(`the newest kubectl could not be built: ${String(error)}`);
      return [];
    },
  );
}

const run = promisify(execFile);

async function installedKubectl(): Promise<Kubectl | undefined> {
  for (const program of await installedPrograms()) {
    const found = await askVersion(program);
    if (found) return found;
  }
  return undefined;
}

/** Versioned ones first, the newest of them before all. */
async function installedPrograms(): Promise<readonly string[]> {
  const versioned = new Map<string, number>();
  const plain = new Set<string>();
  for (const folder of await foldersOnPath()) {
    for (const name of await readdir(folder).catch(() => [])) {
      const minor = /^kubectl[.-]v?1\.(\d+)(\.\d+)?$/.exec(name)?.[1];
      if (minor !== undefined) versioned.set(join(folder, name), Number(minor));
      else if (name === 'kubectl') plain.add(join(folder, name));
    }
  }
  const newestFirst = [...versioned].sort(([, a], [, b]) => b - a).map(([program]) => program);
  return [...newestFirst, ...plain];
}

/** The folders of the PATH, and those that a kubectl found there really lives in. */
async function foldersOnPath(): Promise<readonly string[]> {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const homes = folders.map((folder) => realpath(join(folder, 'kubectl')).then(dirname, () => undefined));
  return [...new Set([...folders, ...(await Promise.all(homes)).filter((folder) => folder !== undefined)])];
}

/** Undefined for what does not run, is too old, or is a dispatcher: that would run another one than it says. */
async function askVersion(program: string, oldest = minorMin): Promise<Kubectl | undefined> {
  try {
    const { stdout } = await run(program, ['version', '--client', '--output=json']);
    const { clientVersion } = JSON.parse(stdout) as { readonly clientVersion: { readonly gitVersion: string; readonly minor: string } };
    const minor = Number(/^v1\.(\d+)\./.exec(clientVersion.gitVersion)?.[1]);
    return minor >= oldest && !clientVersion.gitVersion.includes('dispatcher')
      ? { program, version: clientVersion.gitVersion, minor }
      : undefined;
  } catch {
    return undefined;
  }
}

const mainOfKubectl = `package main

import (
	"k8s.io/component-base/cli"
	"k8s.io/kubectl/pkg/cmd"
	"k8s.io/kubectl/pkg/cmd/util"
)

func main() {
	if err := cli.RunNoErrOutput(cmd.NewDefaultKubectlCommand()); err != nil {
		util.CheckErr(err)
	}
}
`;

/** Builds kubectl once and keeps it under .cache. Needs Go. */
export async function builtKubectl(): Promise<string> {
  const cache = resolve(import.meta.dirname, '../../.cache');
  const kept = join(cache, `kubectl-${moduleVersion}`);
  const program = join(kept, 'kubectl');
  if (existsSync(program)) return program;
  console.log(`building kubectl from k8s.io/kubectl@${moduleVersion}`);
  await mkdir(cache, { recursive: true });
  // Built aside and renamed: one that was cut off leaves no half program.
  const building = await mkdtemp(join(cache, 'kubectl-building-'));
  const go = (...words: string[]): Promise<unknown> => run('go', words, { cwd: building, maxBuffer: 1 << 24 });
  await writeFile(join(building, 'main.go'), mainOfKubectl);
  await go('mod', 'init', 'kubectl');
  await go('get', `k8s.io/kubectl@${moduleVersion}`, `k8s.io/component-base@${moduleVersion}`);
  await go('mod', 'tidy');
  const stamp = `-X k8s.io/component-base/version.gitVersion=${moduleVersion.replace('v0.', 'v1.')}`;
  await go('build', '-trimpath', '-ldflags', `-s -w ${stamp}`, '-o', 'kubectl', '.');
  await rename(building, kept).catch(async (error: unknown) => {
    await rm(building, { recursive: true, force: true });
    if (!existsSync(program)) throw error;
  });
  return program;
}

if (import.meta.main) await testKubectl();
