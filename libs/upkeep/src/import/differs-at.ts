/**
 * The path of the first thing that `wanted` says and `present` does not, `.spec.region`. Undefined where all is there: what a server has added
 * does not count, nor do empty texts, lists and maps, which servers leave out.
 */
export function differsAt(wanted: unknown, present: unknown, path = ''): string | undefined {
  if (Array.isArray(wanted)) {
    if (wanted.length === 0 && present === undefined) return undefined;
    if (!Array.isArray(present) || present.length !== wanted.length) return path;
    return firstOf(wanted.keys(), (index) => differsAt(wanted[index], present[index], `${path}[${index}]`));
  }
  if (typeof wanted === 'object' && wanted !== null) {
    const fields = Object.entries(wanted);
    if (typeof present !== 'object' || present === null || Array.isArray(present)) return fields.length === 0 ? undefined : path;
    return firstOf(fields, ([name, value]) => differsAt(value, (present as Record<string, unknown>)[name], `${path}.${name}`));
  }
  return wanted === present || ((wanted === null || wanted === '') && present === undefined) ? undefined : path;
}

function firstOf<Item>(items: Iterable<Item>, find: (item: Item) => string | undefined): string | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}
