import { setImmediate as nextTurn } from 'node:timers/promises';
import { crc32 } from 'node:zlib';

const sumLength = 8;

/** What is kept of a snapshot: a line with its checksum (CRC-32, 8 hex digits), then the text. Whoever waits gets a turn after each piece. */
export async function keptText(pieces: Iterable<string>): Promise<string> {
  const joined: string[] = [''];
  let sum = 0;
  for (const piece of pieces) {
    joined.push(piece);
    sum = crc32(piece, sum);
    await nextTurn();
  }
  joined[0] = `${hex(sum)}\n`;
  return joined.join('');
}

/** The text, unless it is not what was written: cut short, or changed. */
export function intactText(kept: string): string | undefined {
  const text = kept.slice(sumLength + 1);
  return kept.slice(0, sumLength) === hex(crc32(text)) && kept[sumLength] === '\n' ? text : undefined;
}

const hex = (sum: number): string => sum.toString(16).padStart(sumLength, '0');
