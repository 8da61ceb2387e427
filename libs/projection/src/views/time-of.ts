/** A status may hold anything where its schema says nothing: what is no time of four-digit years is left out. */
export function timeOf(text: string | null | undefined): string | null {
  if (!text) return null;
  // Nearly all are as the mesh writes them.
  if (wellFormed.test(text)) return text;
  const time = new Date(text);
  const year = time.getUTCFullYear();
  return year >= 1 && year <= 9999 ? time.toISOString() : null;
}

const wellFormed = /^20\d\d-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,6})?Z$/;
