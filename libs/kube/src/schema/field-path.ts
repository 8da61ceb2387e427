/** A field's place, kept as keys and indexes and turned into text only when there is something to report. */
export type Segment = string | number;

/** `spec.items[0].name`: map keys are written like fields. */
export function pathText(segments: readonly Segment[]): string {
  let text = '';
  for (const segment of segments) {
    if (typeof segment === 'number') text += `[${segment}]`;
    else text += text === '' ? segment : `.${segment}`;
  }
  return text;
}

/** Extends a path by a field: `spec` + `color`. */
export function fieldOf(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}
