import type { Json, JsonObject } from '../json.ts';
import type { FieldNode, FieldSet } from './field-set.ts';
import { fieldTypeIn, isList, isMap, partOf, type FieldType, type ListType, type MapType } from './field-type.ts';
import { elementOfItem } from './list-item.ts';
import { fieldElement, type PathElement } from './path-element.ts';

/** The value without these fields. What is not touched is shared. A map or list that loses all it has becomes null. */
export function removeFields(type: FieldType, value: Json, fields: FieldSet): Json {
  if (fields.size === 0) return value;
  switch (partOf(type, value)) {
    case 'map':
      return isMap(value) ? removeFromMap(type.map as MapType, value, fields) : null;
    case 'list':
      return isList(value) ? removeFromList(type.list as ListType, value, fields) : null;
    case 'scalar':
      return value;
    case undefined:
      return null;
  }
}

function removeFromMap(map: MapType, value: JsonObject, fields: FieldSet): Json {
  if (map.atomic) return null;
  const kept: Record<string, Json | undefined> = {};
  let [isChanged, count] = [false, 0];
  for (const name in value) {
    const inside = value[name] as Json;
    const node = fields.get(fieldElement(name));
    if (node?.owned === true) {
      isChanged = true;
      continue;
    }
    count += 1;
    const left = node?.below === undefined ? inside : removeFields(fieldTypeIn(map, name) ?? {}, inside, node.below);
    if (left !== inside) isChanged = true;
    kept[name] = left;
  }
  if (count === 0) return null;
  return isChanged ? kept : value;
}

function removeFromList(list: ListType, value: readonly Json[], fields: FieldSet): Json {
  if (list.atomic) return null;
  const kept: Json[] = [];
  let isChanged = false;
  for (const item of value) {
    const element = elementOfItem(list, item);
    const node = element === undefined ? undefined : fields.get(element);
    if (node?.owned === true) {
      isChanged = true;
      continue;
    }
    const left = node?.below === undefined ? item : removeFields(list.element, item, node.below);
    if (left !== item) isChanged = true;
    kept.push(left);
  }
  if (kept.length === 0) return null;
  return isChanged ? kept : value;
}

/**
 * The set with every declared field that leads to a member made a member too: whoever owned all of a struct's fields
 * owned the struct, so that it goes with them.
 */
export function withNamedStructs(set: FieldSet, type: FieldType): FieldSet {
  let all: Map<PathElement, FieldNode> | undefined;
  for (const [element, node] of set) {
    if (node.below === undefined) continue;
    const isField = element.charCodeAt(0) === 102;
    const name = isField ? element.slice(2) : '';
    const inside = isField ? type.map && fieldTypeIn(type.map, name) : element.charCodeAt(0) === 107 ? type.list?.element : undefined;
    const owned = node.owned || (isField && type.map?.fields.has(name) === true);
    const below = withNamedStructs(node.below, inside ?? {});
    if (owned !== node.owned || below !== node.below) (all ??= new Map(set)).set(element, { owned, below });
  }
  return all ?? set;
}
