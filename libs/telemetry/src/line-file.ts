import { closeSync, fstat as fstatOf, openSync, stat as statOf, write as writeOf } from 'node:fs';
import { promisify } from 'node:util';

const [fstat, stat, write] = [promisify(fstatOf), promisify(statOf), promisify(writeOf)];

/** A file that grows by lines, written behind the caller's back. */
export type LineFile = {
  /** `line` without its end. False where it is lost, because writing does not keep up. */
  readonly write: (line: string) => boolean;
  /** Resolves when all is written. */
  readonly close: () => Promise<void>;
};

export type LineFileOptions = {
  /** `-` is the standard output. */
  readonly path: string;
  /** Lines could not be written, and are lost. */
  readonly onLost: (failure: unknown, lines: number) => void;
  /** How much may wait. */
  readonly waitingCharsMax?: number;
};

const gatherMs = 50;
const lookAgainMs = 1_000;
const ownerOnly = 0o600;

/** Whoever moves the file away (logrotate) finds a new one at the old place within a second of the next line. @throws Error of the file system */
export function openLineFile(options: LineFileOptions): LineFile {
  const file = new GatheringFile(options);
  return { write: (line) => file.write(line), close: () => file.close() };
}

class GatheringFile {
  readonly #options: Required<LineFileOptions>;
  #descriptor: number;
  #lines: string[] = [];
  #waitingChars = 0;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();
  #lookedMs = 0;

  constructor(options: LineFileOptions) {
    this.#options = { waitingCharsMax: 16 * 1024 * 1024, ...options };
    this.#descriptor = this.#open();
  }

  write(line: string): boolean {
    if (this.#waitingChars + line.length > this.#options.waitingCharsMax) return false;
    this.#lines.push(line);
    this.#waitingChars += line.length;
    this.#timer ??= setTimeout(flushFile, gatherMs, this);
    return true;
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#writing = this.#writing.then(() => this.#writeAll());
  }

  async close(): Promise<void> {
    this.flush();
    await this.#writing;
    if (this.#descriptor > 2) closeSync(this.#descriptor);
  }

  async #writeAll(): Promise<void> {
    const lines = this.#lines;
    if (lines.length === 0) return;
    this.#lines = [];
    try {
      await this.#follow();
      let bytes = Buffer.from(`${lines.join('\n')}\n`);
      while (bytes.length > 0) bytes = bytes.subarray((await write(this.#descriptor, bytes)).bytesWritten);
    } catch (failure) {
      this.#options.onLost(failure, lines.length);
    }
    for (const { length } of lines) this.#waitingChars -= length;
  }

  /** Opens the file anew where another, or none, stands at its place by now. */
  async #follow(): Promise<void> {
    const now = performance.now();
    if (this.#descriptor <= 2 || now - this.#lookedMs < lookAgainMs) return;
    this.#lookedMs = now;
    const [here, there] = await Promise.all([fstat(this.#descriptor), stat(this.#options.path).catch(() => undefined)]);
    if (here.ino === there?.ino && here.dev === there.dev) return;
    const next = this.#open();
    closeSync(this.#descriptor);
    this.#descriptor = next;
  }

  #open(): number {
    return this.#options.path === '-' ? 1 : openSync(this.#options.path, 'a', ownerOnly);
  }
}

function flushFile(file: GatheringFile): void {
  file.flush();
}
