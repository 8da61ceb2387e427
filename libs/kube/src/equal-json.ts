/** Whether two JSON values are the same, whatever the order of their fields. A field that is undefined counts as absent. */
export function equalJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((item, index) => equalJson(item, b[index]));
  if (Array.isArray(b)) return false;
  return coveredBy(a, b) && coveredBy(b, a);
}

function coveredBy(a: object, b: object): boolean {
  for (const [field, value] of Object.entries(a)) {
    if (value === undefined) continue;
    if (!Object.hasOwn(b, field) || !equalJson(value, (b as Record<string, unknown>)[field])) return false;
  }
  return true;
}
