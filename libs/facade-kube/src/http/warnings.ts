const totalMax = 4096;
const truncatedMax = 256;

/**
 * Values of Warning headers, one per distinct text: `299 - "unknown field \"spec.x\""`. When all of them are too long together
 * each is cut, and what is still too much is left out.
 */
export function warningHeaders(texts: readonly string[]): readonly string[] {
  if (texts.length === 0) return texts;
  const distinct = [...new Set(texts.map(printable))].filter((text) => text !== '');
  const total = distinct.reduce((sum, text) => sum + text.length, 0);
  return total <= totalMax ? distinct.map(quote) : fitting(distinct.map((text) => text.slice(0, truncatedMax))).map(quote);
}

function fitting(texts: readonly string[]): readonly string[] {
  let total = 0;
  return texts.filter((text) => (total += text.length) <= totalMax);
}

/** Headers carry latin1 without control characters; anything else would end the response. */
function printable(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, ' ').replace(/[^\u0000-\u00ff]/g, '?');
}

function quote(text: string): string {
  return `299 - "${text.replace(/[\\"]/g, '\\$&')}"`;
}
