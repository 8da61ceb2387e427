import { isIPv6 } from 'node:net';
import { keyedDigest } from './token-table.ts';

const burst = 20;
const secondsPerAttempt = 3;
const sourcesMax = 10_000;

type Source = { spent: number; asOf: number; readonly wrong: Set<string> };

/**
 * Limits wrong guesses per source: 20 at once, then one every 3 seconds. Repeating a wrong token that is already known as wrong
 * tells a guesser nothing and costs nothing, so that a client with a stale token does not lock out its neighbours.
 * Remembers at most 10,000 sources, the longest quiet ones are forgotten first.
 */
export class FailedAttempts {
  readonly #sources = new Map<string, Source>();
  readonly #now: () => number;

  /** `now` in milliseconds, never going back. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** 0 when this source may try this token now, else how many seconds until it may. */
  waitSeconds(source: string, token: string): number {
    const known = this.#sources.get(source);
    if (known === undefined) return 0;
    this.#recover(source, known);
    if (known.spent <= burst - 1 || known.wrong.has(keyedDigest(token))) return 0;
    return Math.ceil((known.spent - (burst - 1)) * secondsPerAttempt);
  }

  failed(source: string, token: string): void {
    const known = this.#sources.get(source) ?? { spent: 0, asOf: this.#now(), wrong: new Set<string>() };
    const digest = keyedDigest(token);
    if (!known.wrong.has(digest)) {
      known.spent += 1;
      known.wrong.add(digest);
      if (known.wrong.size > burst) known.wrong.delete(firstOf(known.wrong) ?? '');
    }
    // Set anew, so that the map stays in the order of the last failure.
    this.#sources.delete(source);
    this.#sources.set(source, known);
    if (this.#sources.size > sourcesMax) this.#sources.delete(firstOf(this.#sources.keys()) ?? '');
  }

  get size(): number {
    return this.#sources.size;
  }

  #recover(source: string, known: Source): void {
    const now = this.#now();
    known.spent = Math.max(0, known.spent - (now - known.asOf) / 1000 / secondsPerAttempt);
    known.asOf = now;
    if (known.spent === 0) this.#sources.delete(source);
  }
}

function firstOf(texts: Iterable<string>): string | undefined {
  for (const text of texts) return text;
  return undefined;
}

/** Who is counted as one: an IPv4 address, or the /64 network of an IPv6 address, which one host owns wholly. */
export function sourceOf(remoteAddress: string | undefined): string {
  if (remoteAddress === undefined) return 'unknown';
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(remoteAddress)?.[1];
  if (mapped !== undefined || !isIPv6(remoteAddress)) return mapped ?? remoteAddress;
  const [address = ''] = remoteAddress.split('%');
  const [head = '', tail] = address.split('::');
  const first = head === '' ? [] : head.split(':');
  const last = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? [] : Array.from({ length: Math.max(0, 8 - first.length - last.length) }, () => '0');
  return `${[...first, ...zeros, ...last].slice(0, 4).join(':')}::/64`;
}
