/** Without vowels and look-alikes, so that no word and no doubt arises. */
const alphabet = 'bcdfghjklmnpqrstvwxz2456789';
const suffixLength = 5;
const nameLengthMax = 63;

/** A random whole number in [0, below). */
export type RandomInt = (below: number) => number;

/** `prefix` + five random characters; the prefix is cut so that the name still fits a label. Source: apiserver names/generate.go. */
export function generateName(prefix: string, randomInt: RandomInt): string {
  const suffix = Array.from({ length: suffixLength }, () => alphabet[randomInt(alphabet.length)]).join('');
  return `${prefix.slice(0, nameLengthMax - suffixLength)}${suffix}`;
}
