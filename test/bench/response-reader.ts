/** A whole response. `firstByteAt` and `lastByteAt` are moments of the monotonic clock, in milliseconds. */
export type Reply = { readonly status: number; readonly body: Buffer; readonly firstByteAt: number; readonly lastByteAt: number };

/** Cuts the bytes of one connection into responses, of a given length or chunked. Knows as much of HTTP/1.1 as a benchmark needs. */
export class ResponseReader {
  #head = '';
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  #firstByteAt = 0;
  /** Bytes of body still to come; -1 while chunked. */
  #expected = 0;

  /** Answers the response that these bytes complete, if they do. */
  read(bytes: Buffer): Reply | undefined {
    if (this.#head === '') {
      if (this.#pendingBytes === 0) this.#firstByteAt = performance.now();
      const joined = this.#pendingBytes === 0 ? bytes : Buffer.concat([...this.#pending, bytes]);
      const end = joined.indexOf('\r\n\r\n');
      if (end < 0) return this.#keep([joined], joined.length);
      this.#head = joined.toString('latin1', 0, end);
      const length = /\r\ncontent-length: *(\d+)/i.exec(this.#head)?.[1];
      const isEmpty = this.#head.startsWith('304', 9);
      this.#expected = isEmpty ? 0 : length === undefined ? -1 : Number(length);
      bytes = joined.subarray(end + 4);
      this.#keep([], 0);
    }
    this.#pending.push(bytes);
    this.#pendingBytes += bytes.length;
    if (this.#expected >= 0 ? this.#pendingBytes < this.#expected : !this.#endsChunked()) return undefined;
    const whole = this.#pending.length === 1 ? bytes : Buffer.concat(this.#pending);
    const reply = {
      status: Number(this.#head.slice(9, 12)),
      body: this.#expected >= 0 ? whole : unchunked(whole),
      firstByteAt: this.#firstByteAt,
      lastByteAt: performance.now(),
    };
    this.#head = '';
    this.#keep([], 0);
    return reply;
  }

  #keep(pieces: Buffer[], size: number): undefined {
    this.#pending = pieces;
    this.#pendingBytes = size;
  }

  /** The last chunk is empty; a JSON text never ends like this itself. */
  #endsChunked(): boolean {
    const last = this.#pending[this.#pending.length - 1];
    if (!last) return false;
    const tail = last.length >= 7 ? last : Buffer.concat(this.#pending.slice(-8));
    return (
      tail.toString('latin1', Math.max(0, tail.length - 7)).endsWith('\r\n0\r\n\r\n') ||
      (this.#pendingBytes === 5 && tail.toString('latin1').endsWith('0\r\n\r\n'))
    );
  }
}

function unchunked(bytes: Buffer): Buffer {
  const pieces: Buffer[] = [];
  for (let at = 0; ;) {
    const lineEnd = bytes.indexOf('\r\n', at);
    const size = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16);
    if (lineEnd < 0 || !(size > 0)) return Buffer.concat(pieces);
    pieces.push(bytes.subarray(lineEnd + 2, lineEnd + 2 + size));
    at = lineEnd + 4 + size;
  }
}
