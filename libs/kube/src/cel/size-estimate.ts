/** How many characters, items or entries there are at least and at most. */
export type Size = { readonly min: number; readonly max: number };

/** Upstream's uint64: what is larger stays this large. */
const most = 2 ** 64;

export const unknownSize: Size = { min: 0, max: most };
export const fixed = (size: number): Size => ({ min: size, max: size });

export function union(left: Size, right: Size): Size {
  return { min: Math.min(left.min, right.min), max: Math.max(left.max, right.max) };
}

export function add(left: Size, right: Size): Size {
  return { min: Math.min(most, left.min + right.min), max: Math.min(most, left.max + right.max) };
}

/** Zero times anything is nothing, even of what has no bound. */
export function times(left: number, right: number): number {
  return left === 0 || right === 0 ? 0 : Math.min(most, left * right);
}

export function scaled(size: number, factor: number): number {
  return Math.min(most, Math.ceil(size * factor));
}
