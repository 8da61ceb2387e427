import { readFile, rename, writeFile } from 'node:fs/promises';
import { hybridClock, isSequence } from './sequence.ts';

export type KeptClockOptions = {
  /** Of this provider alone; made where it is missing. */
  readonly file: string;
  readonly logger: { warn(details: object, text: string): void };
  readonly nowMs?: () => number;
};

/** So far ahead of what was counted a number is kept, in microseconds: nobody waits for the disk, and it is written once a minute. */
const ahead = 60_000_000n;

/**
 * As `hybridClock`, and above everything that it ever counted, also where the clock was set back while nothing ran: a file holds a number
 * that was not reached. @throws Error where the file can be neither read nor written
 */
export async function keptClock({ file, logger, nowMs = Date.now }: KeptClockOptions): Promise<() => bigint> {
  let kept = await keptIn(file, logger);
  const next = hybridClock(nowMs, kept);
  let writing: Promise<void> = Promise.resolve();
  const keep = (above: bigint): Promise<void> => {
    kept = above + ahead;
    const text = `${kept}\n`;
    writing = writing.then(async () => {
      await writeFile(`${file}.new`, text);
      await rename(`${file}.new`, file);
    });
    return writing;
  };
  await keep(next());
  return () => {
    const sequence = next();
    if (sequence >= kept)
      keep(sequence).catch((err: unknown) => {
        writing = Promise.resolve();
        logger.warn({ err, file }, 'how far reports are counted could not be kept; it is tried again in a minute');
      });
    return sequence;
  };
}

async function keptIn(file: string, logger: KeptClockOptions['logger']): Promise<bigint> {
  const text = await readFile(file, 'utf8').catch((failure: NodeJS.ErrnoException) => {
    if (failure.code === 'ENOENT') return undefined;
    throw failure;
  });
  if (text === undefined) return 0n;
  if (isSequence(text.trim())) return BigInt(text);
  logger.warn({ file }, 'the file does not say how far reports were counted: the clock is trusted');
  return 0n;
}
