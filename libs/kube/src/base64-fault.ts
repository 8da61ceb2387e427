/**
 * The byte at which Go's decoder gives up a text as standard base64; undefined where it does not. Line breaks are skipped.
 * Source: encoding/base64, decodeQuantum.
 */
export function base64Fault(text: string): number | undefined {
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text) ? undefined : faultIn(text);
}

function faultIn(text: string): number | undefined {
  let filled = 0;
  for (let index = 0; index < text.length; index++) {
    const sign = text.charAt(index);
    if (isBreak(sign)) continue;
    if (sign === '=') return paddingFault(text, index, filled % 4);
    if (!/[A-Za-z0-9+/]/.test(sign)) return index;
    filled++;
  }
  return filled % 4 === 0 ? undefined : text.length - (filled % 4);
}

/** `at` is the place of the first sign of padding, behind `filled` signs of its group of four. */
function paddingFault(text: string, at: number, filled: number): number | undefined {
  if (filled < 2) return at;
  let end = at + 1;
  if (filled === 2) {
    end = skipBreaks(text, end);
    if (end === text.length) return end;
    if (text.charAt(end) !== '=') return end - 1;
    end++;
  }
  end = skipBreaks(text, end);
  return end < text.length ? end : undefined;
}

function skipBreaks(text: string, from: number): number {
  let at = from;
  while (isBreak(text.charAt(at))) at++;
  return at;
}

const isBreak = (sign: string): boolean => sign === '\n' || sign === '\r';
