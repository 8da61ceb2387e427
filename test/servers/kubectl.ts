import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';

/** A kubectl to test with. */
export type Kubectl = { readonly program: string; readonly version: string };

/** Older ones need OpenAPI v2 as protobuf before they apply anything. */
const minorMin = 29;
/** What is built where no versioned binary is at hand. */
const moduleVersion = 'v0.34.13';

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

const run = promisify(execFile);

async function installedKubectl(): Promise<Kubectl | undefined> {
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
  for (const program of [...newestFirst, ...plain]) {
    const found = await askVersion(program);
    if (found) return found;
  }
  return undefined;
}

/** The folders of the PATH, and those that a kubectl found there really lives in. */
async function foldersOnPath(): Promise<readonly string[]> {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const homes = folders.map((folder) => realpath(join(folder, 'kubectl')).then(dirname, () => undefined));
  return [...new Set([...folders, ...(await Promise.all(homes)).filter((folder) => folder !== undefined)])];
}

/** Undefined for what does not run, is too old, or is a dispatcher: that would run another one than it says. */
async function askVersion(program: string): Promise<Kubectl | undefined> {
  try {
    const { stdout } = await run(program, ['version', '--client', '--output=json']);
    const { clientVersion } = JSON.parse(stdout) as { readonly clientVersion: { readonly gitVersion: string; readonly minor: string } };
    const minor = Number(/^v1\.(\d+)\./.exec(clientVersion.gitVersion)?.[1]);
    return minor >= minorMin && !clientVersion.gitVersion.includes('dispatcher')
      ? { program, version: clientVersion.gitVersion }
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
