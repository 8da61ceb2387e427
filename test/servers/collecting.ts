import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { until } from './tributary-until.ts';

/** What a server is started with so that it can be asked what a collection leaves. `file`: where it says so. */
export const collecting = (file: string): { readonly NODE_OPTIONS: string; readonly COLLECTED_FILE: string } => ({
  NODE_OPTIONS: `${process.env['NODE_OPTIONS'] ?? ''} --import ${join(import.meta.dirname, 'collect-on-signal.ts')}`,
  COLLECTED_FILE: file,
});

/** Resident memory tells when V8 last collected, more than what is in use. This tells the latter. */
export class Collections {
  readonly #pid: number;
  readonly #file: string;
  #asked = 0;

  constructor(pid: number, file: string) {
    this.#pid = pid;
    this.#file = file;
  }

  /** What is left of the heap, and of what it holds outside of it, in bytes, when all garbage is collected. */
  async left(): Promise<number> {
    const wanted = (this.#asked += 1);
    process.kill(this.#pid, 'SIGUSR2');
    return until('the server has collected', async () => {
      const text = await readFile(this.#file, 'utf8').catch(() => '');
      const said = text === '' ? undefined : (JSON.parse(text) as { readonly collections: number; readonly bytes: number });
      return said && said.collections >= wanted ? said.bytes : undefined;
    });
  }
}
