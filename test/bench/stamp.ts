const stampMark = '@sent=';
const stampDigits = 16;

/** A moment of this process's clock as text of a fixed length, to be found again in bytes without parsing them. */
export const stamp = (moment: number): string => `${stampMark}${moment.toFixed(4).padStart(stampDigits, '0')}`;

/** Finds every stamp in a stream, also where it is cut in two. Keeps nothing of the bytes that it is given. */
export function stampScanner(found: (sentAt: number) => void): (bytes: Buffer) => void {
  const length = stampMark.length + stampDigits;
  const none: Buffer = Buffer.alloc(0);
  let carried = none;
  return (bytes) => {
    const joined = carried.length > 0 ? Buffer.concat([carried, bytes]) : bytes;
    let next = 0;
    for (;;) {
      const at = joined.indexOf(stampMark, next, 'latin1');
      if (at < 0 || at + length > joined.length) break;
      found(Number(joined.toString('latin1', at + stampMark.length, at + length)));
      next = at + length;
    }
    const tail = joined.subarray(Math.max(next, joined.length - length + 1));
    const begun = tail.indexOf(stampMark.charCodeAt(0));
    carried = begun < 0 ? none : Buffer.from(tail.subarray(begun));
  };
}
