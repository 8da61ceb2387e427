import { execFile } from 'node:child_process';
import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { constants, platform, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** The numbers of the file that the loaded code reads, and counts in. */
const places = {
  syncErrno: 0,
  syncDelayMs: 1,
  syncHeld: 2,
  clockAheadSeconds: 3,
  syncsFailed: 4,
  syncsWaiting: 5,
  syncsDelayed: 6,
} as const;

/** A disk and a clock that fail when they are told to, for processes that are started with `env`, and all that these start. */
export class FaultyMachine {
  readonly env: Readonly<Record<string, string>>;
  readonly #folder: string;
  readonly #file: number;

  /** Undefined where it cannot be had: it takes Linux and a C compiler. */
  static async start(): Promise<FaultyMachine | undefined> {
    if (platform() !== 'linux') return undefined;
    const folder = await mkdtemp(join(tmpdir(), 'tributary-machine-'));
    const library = join(folder, 'faulty-machine.so');
    const source = join(import.meta.dirname, 'faulty-machine.c');
    try {
      await promisify(execFile)('cc', ['-O1', '-Wall', '-Werror', '-shared', '-fPIC', '-o', library, source, '-ldl']);
    } catch (failure) {
      await rm(folder, { recursive: true });
      if ((failure as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw failure;
    }
    const file = join(folder, 'faults');
    await writeFile(file, Buffer.alloc(Object.keys(places).length * 8));
    // The database may be another user's process: it counts, too.
    await chmod(file, 0o666);
    await chmod(folder, 0o755);
    return new FaultyMachine(folder, { LD_PRELOAD: library, FAULTY_MACHINE: file });
  }

  private constructor(folder: string, env: { readonly LD_PRELOAD: string; readonly FAULTY_MACHINE: string }) {
    this.#folder = folder;
    this.env = env;
    this.#file = openSync(env.FAULTY_MACHINE, 'r+');
  }

  /** From now on, whatever is to be brought onto the disk fails: EIO. */
  failSyncs(): void {
    this.#set('syncErrno', constants.errno.EIO);
  }

  /** From now on, bringing anything onto the disk takes so much longer. */
  slowSyncs(delayMs: number): void {
    this.#set('syncDelayMs', delayMs);
  }

  /** From now on, nothing reaches the disk, and whoever waits for that waits, until it is mended. */
  holdSyncs(): void {
    this.#set('syncHeld', 1);
  }

  mendDisk(): void {
    for (const fault of ['syncErrno', 'syncDelayMs', 'syncHeld'] as const) this.#set(fault, 0);
  }

  /** Puts the clock so much ahead of the true time, or behind it. What runs on without being set, such as timers, does not notice. */
  setClock(aheadSeconds: number): void {
    this.#set('clockAheadSeconds', aheadSeconds);
  }

  get syncsFailed(): number {
    return this.#get('syncsFailed');
  }

  get syncsDelayed(): number {
    return this.#get('syncsDelayed');
  }

  /** How many stand before the disk and wait now. */
  get syncsWaiting(): number {
    return this.#get('syncsWaiting');
  }

  async remove(): Promise<void> {
    this.mendDisk();
    closeSync(this.#file);
    await rm(this.#folder, { recursive: true, force: true });
  }

  #set(fault: keyof typeof places, value: number): void {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(BigInt(value));
    writeSync(this.#file, bytes, 0, 8, places[fault] * 8);
  }

  #get(count: keyof typeof places): number {
    const bytes = Buffer.alloc(8);
    readSync(this.#file, bytes, 0, 8, places[count] * 8);
    return Number(bytes.readBigInt64LE());
  }
}
