import { equalJson } from '../equal-json.ts';
import type { Json } from '../json.ts';
import { isJsonList, isJsonObject } from './json-shape.ts';
import type { ListRule } from './schema-node.ts';

/** Which old value an updated one takes the place of. Undefined: none. */

const typeMetaFields: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata']);

export function correlatedField(old: Json, key: string, atRoot: boolean): Json | undefined {
  if (!isJsonObject(old) || !Object.hasOwn(old, key)) return undefined;
  // Old and new were brought to one version before: a change of these could not be seen.
  return atRoot && typeMetaFields.has(key) ? undefined : old[key];
}

/** Items of a list map correlate by their keys; those of other lists do not. */
export function correlatedItem(rule: ListRule | undefined, item: Json, old: Json): Json | undefined {
  if (rule?.type !== 'map' || !isJsonObject(item) || !isJsonList(old)) return undefined;
  return old.find((candidate) => isJsonObject(candidate) && rule.keys.every((key) => equalJson(candidate[key], item[key])));
}
