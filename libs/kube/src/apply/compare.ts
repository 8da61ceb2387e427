import { equalJson } from '../equal-json.ts';
import type { Json } from '../json.ts';
import { fieldNode, noFields, ownedLeaf, union, type FieldNode, type FieldSet } from './field-set.ts';
import { fieldTypeIn, isList, isMap, partOf, type FieldType, type ListType, type MapType } from './field-type.ts';
import { elementOfItem } from './list-item.ts';
import { fieldElement, type PathElement } from './path-element.ts';
import { everyNode } from './to-field-set.ts';

/** Which fields one value has that the other has not, and which differ. */
export type Comparison = { readonly added: FieldSet; readonly removed: FieldSet; readonly modified: FieldSet };

export function compare(type: FieldType, before: Json, after: Json): Comparison {
  const { added, removed, modified } = compareValues(type, before, after);
  return { added: added?.below ?? noFields, removed: removed?.below ?? noFields, modified: modified?.below ?? noFields };
}

type Difference = {
  readonly added: FieldNode | undefined;
  readonly removed: FieldNode | undefined;
  readonly modified: FieldNode | undefined;
};

const same: Difference = { added: undefined, removed: undefined, modified: undefined };
const changed: Difference = { ...same, modified: ownedLeaf };

function compareValues(type: FieldType, before: Json | undefined, after: Json | undefined): Difference {
  if (before === after) return same;
  if (before === undefined) return { ...same, added: everyNode(type, after as Json) };
  if (after === undefined) return { ...same, removed: everyNode(type, before) };
  const [partBefore, partAfter] = [partOf(type, before), partOf(type, after)];
  const difference = compareAs(partAfter, type, before, after);
  if (partBefore === partAfter) return difference;
  // A field of no certain type became something else: it is looked at as what it was and as what it is.
  return merged(compareAs(partBefore, type, before, after), difference);
}

function compareAs(part: 'map' | 'scalar' | 'list' | undefined, type: FieldType, before: Json, after: Json): Difference {
  switch (part) {
    case 'map':
      return compareMaps(type.map as MapType, before, after);
    case 'list':
      return compareLists(type.list as ListType, before, after);
    case 'scalar':
    case undefined:
      return compareLeaves(before, after);
  }
}

const compareLeaves = (before: Json, after: Json): Difference => (equalJson(before, after) ? same : changed);

function compareMaps(map: MapType, before: Json, after: Json): Difference {
  const [old, now] = [isMap(before) ? before : {}, isMap(after) ? after : {}];
  const names = Object.keys(now);
  const oldNames = Object.keys(old);
  if (map.atomic || (names.length === 0 && oldNames.length === 0)) return compareLeaves(before, after);
  const collected = new Collected();
  for (const name of names) {
    const was = Object.hasOwn(old, name) ? old[name] : undefined;
    const is = now[name];
    if (was === is) continue;
    const type = fieldTypeIn(map, name);
    if (type !== undefined) collected.put(fieldElement(name), compareValues(type, was, is));
  }
  for (const name of oldNames) {
    if (Object.hasOwn(now, name)) continue;
    const type = fieldTypeIn(map, name);
    if (type !== undefined) collected.put(fieldElement(name), compareValues(type, old[name], undefined));
  }
  return collected.difference();
}

function compareLists(list: ListType, before: Json, after: Json): Difference {
  const [old, now] = [isList(before) ? before : [], isList(after) ? after : []];
  if (list.atomic || (old.length === 0 && now.length === 0)) return compareLeaves(before, after);
  const [oldItems, nowItems] = [byElement(list, old), byElement(list, now)];
  const collected = new Collected();
  for (const [element, was] of oldItems) collected.put(element, compareItems(list, was, nowItems.get(element) ?? []));
  for (const [element, is] of nowItems) if (!oldItems.has(element)) collected.put(element, compareItems(list, [], is));
  return collected.difference();
}

/** Items that cannot be told from each other are compared as one; becoming or ceasing to be such is a change of its own. */
function compareItems({ element: type }: ListType, before: readonly Json[], after: readonly Json[]): Difference {
  if (before.length >= 2 && after.length >= 2) return equalJson(before, after) ? same : changed;
  if (before.length >= 2) {
    const added = after[0] === undefined ? undefined : everyNode(type, after[0]);
    return { ...same, added, removed: ownedLeaf };
  }
  if (after.length >= 2) {
    const removed = before[0] === undefined ? undefined : everyNode(type, before[0]);
    return { ...same, added: ownedLeaf, removed };
  }
  return compareValues(type, before[0], after[0]);
}

function byElement(list: ListType, items: readonly Json[]): Map<PathElement, Json[]> {
  const found = new Map<PathElement, Json[]>();
  for (const item of items) {
    const element = elementOfItem(list, item);
    if (element === undefined) continue;
    const alike = found.get(element);
    if (alike === undefined) found.set(element, [item]);
    else alike.push(item);
  }
  return found;
}

function merged(a: Difference, b: Difference): Difference {
  return { added: both(a.added, b.added), removed: both(a.removed, b.removed), modified: both(a.modified, b.modified) };
}

function both(a: FieldNode | undefined, b: FieldNode | undefined): FieldNode | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return fieldNode(a.owned || b.owned, union(a.below ?? noFields, b.below ?? noFields));
}

/** The differences of a node's children; its maps are made only where there are any. */
class Collected {
  #added: Map<PathElement, FieldNode> | undefined;
  #removed: Map<PathElement, FieldNode> | undefined;
  #modified: Map<PathElement, FieldNode> | undefined;

  put(element: PathElement, { added, removed, modified }: Difference): void {
    if (added !== undefined) (this.#added ??= new Map()).set(element, added);
    if (removed !== undefined) (this.#removed ??= new Map()).set(element, removed);
    if (modified !== undefined) (this.#modified ??= new Map()).set(element, modified);
  }

  difference(): Difference {
    return { added: fieldNode(false, this.#added), removed: fieldNode(false, this.#removed), modified: fieldNode(false, this.#modified) };
  }
}
