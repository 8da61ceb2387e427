import { equalJson } from '../equal-json.ts';
import type { Json, JsonObject } from '../json.ts';
import { isJsonObject } from '../schema/json-shape.ts';

/** What is wrong with a patch. Thrown within the merge only; `applyStrategicMergePatch` makes a value of it. */
export class PatchFault extends Error {}

/** How two elements are the same: as values, or by the field that is their key. */
export type Identity = { readonly keyOf: (element: Json) => Json; readonly mergeKey: string };

export function identityBy(mergeKey: string): Identity {
  if (mergeKey === '') return { mergeKey, keyOf: (element) => element };
  return { mergeKey, keyOf: (element) => keyIn(element, mergeKey) };
}

function keyIn(element: Json, mergeKey: string): Json {
  if (!isJsonObject(element)) throw new PatchFault('expected a map, but received another type');
  const key = Object.hasOwn(element, mergeKey) ? element[mergeKey] : undefined;
  if (key === undefined) throw new PatchFault(`map: ${JSON.stringify(element)} does not contain declared merge key: ${mergeKey}`);
  return key;
}

export function withoutDuplicates(elements: readonly Json[]): readonly Json[] {
  return elements.filter((element, index) => elements.findIndex((other) => equalJson(element, other)) === index);
}

/** The elements of a patch apart: what to delete, whether to replace the whole list, and what to merge. */
export function directivesIn(patch: readonly Json[], { keyOf }: Identity) {
  const deleted: Json[] = [];
  const merged: JsonObject[] = [];
  let replaces = false;
  for (const element of patch) {
    if (!isJsonObject(element)) throw new PatchFault('expected a map, but received another type');
    const directive = Object.hasOwn(element, '$patch') ? element['$patch'] : undefined;
    if (directive === undefined) merged.push(element);
    else if (directive === 'delete') deleted.push(keyOf(element));
    else if (directive === 'replace') replaces = true;
    else if (directive === 'merge') throw new PatchFault('merging lists cannot yet be specified in the patch');
    else throw new PatchFault(`unknown patch type: ${JSON.stringify(directive)} in map: ${JSON.stringify(element)}`);
  }
  return { deleted, merged, replaces };
}

/**
 * Puts a merged list in order: what the patch names stands as `wanted` has it, what only the server has as it stood, and
 * between the two the order of the present list holds where it can.
 */
export function inOrder(merged: readonly Json[], wanted: readonly Json[], present: readonly Json[], identity: Identity): readonly Json[] {
  const { keyOf } = identity;
  const place = (list: readonly Json[], element: Json): number => list.findIndex((other) => equalJson(keyOf(other), keyOf(element)));
  for (const element of merged) keyOf(element);
  const byPlaceIn = (list: readonly Json[]) => (a: Json, b: Json) => place(list, a) - place(list, b);
  const right = merged.filter((element) => place(wanted, element) >= 0).sort(byPlaceIn(wanted));
  const left = merged.filter((element) => place(wanted, element) < 0).sort(byPlaceIn(present));
  const ordered: Json[] = [];
  let next = 0;
  for (const element of right) {
    const there = place(present, element);
    while (there >= 0 && next < left.length && isBefore(place(present, left[next] as Json), there)) ordered.push(left[next++] as Json);
    ordered.push(element);
  }
  return [...ordered, ...left.slice(next)];
}

const isBefore = (a: number, b: number): boolean => a >= 0 && a < b;

/** A list that says in which order elements shall stand must not contradict the patch's own order. */
export function checkOrder(patch: readonly Json[], wanted: readonly Json[], { keyOf, mergeKey }: Identity): void {
  const kept = mergeKey === '' ? patch : patch.filter((element) => !(isJsonObject(element) && element['$patch'] !== undefined));
  if (wanted.length === 0) return;
  let at = 0;
  for (const element of wanted) if (at < kept.length && equalJson(keyOf(kept[at] as Json), keyOf(element))) at += 1;
  if (at < kept.length)
    throw new PatchFault(
      `The order in patch list:\n${JSON.stringify(patch)}\n doesn't match $setElementOrder list:\n${JSON.stringify(wanted)}\n`,
    );
}
