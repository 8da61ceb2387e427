import type { SeededRandom } from '../seeded-random.ts';

/** What a disk writes whole, or not at all. */
export const sectorBytes = 512;
/** What PostgreSQL writes at once. */
export const pageBytes = 8192;

/**
 * A page that was on its way to the disk when the power went: each of its sectors as it was in one of these versions. Undefined where all of them
 * are the same.
 */
export function tornPage(versions: readonly Buffer[], random: SeededRandom): Buffer | undefined {
  const [first, ...others] = versions;
  if (!first || others.every((other) => other.equals(first))) return undefined;
  const torn = Buffer.alloc(pageBytes);
  for (let at = 0; at < pageBytes; at += sectorBytes) {
    const version = random.pick([first, ...others]);
    version.copy(torn, at, at, at + sectorBytes);
  }
  return torn;
}

/** Which place of the write-ahead log a page stands for: what it is after everything up to there. The first 8 bytes of every page. */
export function placeOfPage(page: Buffer): bigint {
  return (BigInt(page.readUInt32LE(0)) << 32n) | BigInt(page.readUInt32LE(4));
}

/** What stood behind the place up to which the log was brought onto the disk: each sector was written, or not, or is rubbish. */
export function tearLog(segment: Buffer, durableBytes: number, random: SeededRandom): number {
  const oldest = Buffer.alloc(sectorBytes);
  let torn = 0;
  for (let at = durableBytes; at < segment.length;) {
    const end = Math.min(segment.length, (Math.floor(at / sectorBytes) + 1) * sectorBytes);
    const fate = random.pick(['written', 'not written', 'rubbish']);
    const was = segment.subarray(at, end);
    const isEmpty = was.every((byte) => byte === 0);
    if (!isEmpty && fate !== 'written') {
      if (fate === 'not written') oldest.copy(was);
      else for (let byte = 0; byte < was.length; byte += 1) was[byte] = random.between(0, 255);
      torn += 1;
    }
    at = end;
  }
  return torn;
}
