import type { Json, JsonObject } from '../json.ts';
import { fieldNode, noFields, ownedLeaf, type FieldNode, type FieldSet } from './field-set.ts';
import { isList, isMap, partOf, type FieldType, type ListType, type MapType } from './field-type.ts';
import { elementOfItem } from './list-item.ts';
import { fieldElement, type PathElement } from './path-element.ts';

/** The fields that a configuration names: leaves, items of lists and what is empty, but not the structs around them. */
export function namedFields(type: FieldType, value: Json): FieldSet {
  return nodeOf(type, value, named)?.below ?? noFields;
}

/** Every field of a value, the structs around them included: what someone who writes all of it owns. */
export function everyField(type: FieldType, value: Json): FieldSet {
  return everyNode(type, value)?.below ?? noFields;
}

/** The same, of a part of an object. */
export function everyNode(type: FieldType, value: Json): FieldNode | undefined {
  return nodeOf(type, value, every);
}

type Mode = 'named' | 'every';
const named: Mode = 'named';
const every: Mode = 'every';

function nodeOf(type: FieldType, value: Json, mode: Mode): FieldNode | undefined {
  switch (partOf(type, value)) {
    case 'map':
      return mapNode(type.map as MapType, value, mode);
    case 'scalar':
      return ownedLeaf;
    case 'list':
      return listNode(type.list as ListType, value, mode);
    case undefined:
      return mode === every ? ownedLeaf : undefined;
  }
}

function mapNode(map: MapType, value: Json, mode: Mode): FieldNode | undefined {
  if (map.atomic) return ownedLeaf;
  const isFilled = isMap(value) && !isEmpty(value);
  if (!isFilled) return mode === every ? ownedLeaf : undefined;
  const below = new Map<PathElement, FieldNode>();
  for (const name in value) {
    const inside = value[name] as Json;
    const field = map.fields.get(name);
    const type = field === undefined ? map.element : field.type;
    const node = type === undefined ? undefined : nodeOf(type, inside, mode);
    const owned = node?.owned === true || field === undefined || inside === null || (isMap(inside) && isEmpty(inside));
    const kept = node?.owned === owned ? node : fieldNode(owned, node?.below);
    if (kept !== undefined) below.set(field === undefined ? fieldElement(name) : field.element, kept);
  }
  return fieldNode(mode === every, below);
}

/** Items that cannot be told from each other are one field together. */
function listNode(list: ListType, value: Json, mode: Mode): FieldNode | undefined {
  if (list.atomic) return ownedLeaf;
  if (!isList(value) || value.length === 0) return mode === every ? ownedLeaf : undefined;
  const below = new Map<PathElement, FieldNode>();
  for (const item of value) {
    const element = elementOfItem(list, item);
    if (element === undefined) continue;
    if (below.has(element)) below.set(element, ownedLeaf);
    else {
      const node = nodeOf(list.element, item, mode);
      below.set(element, node?.owned === true ? node : (fieldNode(true, node?.below) as FieldNode));
    }
  }
  return fieldNode(mode === every, below);
}

function isEmpty(value: JsonObject): boolean {
  for (const _ in value) return false;
  return true;
}
