import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';

export interface ExampleProvider {
  /** All it has printed. */
  readonly logs: () => string;
  stop(): Promise<void>;
}

const project = resolve(import.meta.dirname, '../..');

/** Runs apps/example-provider as an outsider would: a process that is told nothing but `env`, which names brokers and prefix. */
export function startExampleProvider(env: Readonly<Record<string, string>>): ExampleProvider {
  const main = join(project, 'apps/example-provider/src/main.ts');
  const launched = spawn(join(project, 'node_modules/.bin/node'), [main], {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output: string[] = [];
  for (const stream of [launched.stdout, launched.stderr]) stream.on('data', (chunk: Buffer) => output.push(chunk.toString()));
  const orphaned = (): void => void launched.kill('SIGKILL');
  process.once('exit', orphaned);
  const gone = once(launched, 'exit').then(() => void process.off('exit', orphaned));
  return {
    logs: () => output.join(''),
    async stop() {
      launched.kill('SIGTERM');
      const late = setTimeout(orphaned, 10_000);
      await gone;
      clearTimeout(late);
    },
  };
}
