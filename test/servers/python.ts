import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

export type TestPython =
  /** `folder` has the programs of the packages that were asked for, python among them. */
  { readonly type: 'installed'; readonly folder: string } | { readonly type: 'absent'; readonly reason: string };

const run = promisify(execFile);

/** An environment with exactly these packages, made once per list of them and kept under .cache. Needs python3 with venv, and its package index. */
export async function testPython(requirements: string): Promise<TestPython> {
  const found = await run('python3', ['-c', 'import venv, ensurepip, sys; print(sys.version)']).catch((error: unknown) => String(error));
  if (typeof found === 'string') return { type: 'absent', reason: `no python3 with venv: ${found.split('\n', 2).join(' ')}` };
  const digest = createHash('sha256')
    .update(found.stdout)
    .update(await readFile(requirements))
    .digest('hex')
    .slice(0, 12);
  const cache = resolve(import.meta.dirname, '../../.cache');
  const kept = join(cache, `python-${digest}`);
  if (existsSync(kept)) return { type: 'installed', folder: join(kept, 'bin') };
  await mkdir(cache, { recursive: true });
  // Filled beside and renamed, so that one that was cut off leaves no half environment. Its own scripts know no path but python's.
  const filling = await mkdtemp(join(cache, 'python-filling-'));
  await run('python3', ['-m', 'venv', filling]);
  await run(join(filling, 'bin/python'), ['-m', 'pip', 'install', '--quiet', '--requirement', requirements], { maxBuffer: 1 << 24 });
  await rename(filling, kept).catch(async (error: unknown) => {
    await rm(filling, { recursive: true, force: true });
    if (!existsSync(kept)) throw error;
  });
  return { type: 'installed', folder: join(kept, 'bin') };
}
