import type { Json } from '../json.ts';
import { fieldTypeIn, isList, isMap, partOf, type FieldType, type ListType, type MapType } from './field-type.ts';
import { elementOfItem } from './list-item.ts';
import type { PathElement } from './path-element.ts';

/**
 * The live value with the applied one laid over it. The applied value wins where both say something; what it does not
 * name stays. Both are sound by their type. What is the same afterwards is shared, nothing is written to.
 */
export function mergeValues(type: FieldType, live: Json | undefined, applied: Json | undefined): Json | undefined {
  if (applied === undefined || live === applied) return live;
  if (live === undefined) return applied;
  switch (partOf(type, applied)) {
    case 'map':
      return mergeMaps(type.map as MapType, live, applied);
    case 'list':
      return mergeLists(type.list as ListType, live, applied);
    case 'scalar':
    case undefined:
      return applied;
  }
}

function mergeMaps(map: MapType, live: Json, applied: Json): Json | undefined {
  const [old, wanted] = [isMap(live) ? live : {}, isMap(applied) ? applied : {}];
  const names = Object.keys(wanted);
  if (map.atomic || (names.length === 0 && Object.keys(old).length === 0)) return applied;
  let merged: Record<string, Json | undefined> | undefined;
  for (const name of names) {
    const present = Object.hasOwn(old, name) ? old[name] : undefined;
    const value = mergeValues(fieldTypeIn(map, name) ?? {}, present, wanted[name]);
    if (value !== present || present === undefined) (merged ??= { ...old })[name] = value;
  }
  return merged ?? old;
}

/**
 * Applied items come in the order in which they are applied; live items that were not applied keep their place among
 * those that were. Live items that cannot be told from each other give way to one that is applied for them.
 */
function mergeLists(list: ListType, live: Json, applied: Json): Json {
  const [old, wanted] = [isList(live) ? live : [], isList(applied) ? applied : []];
  if (list.atomic || (old.length === 0 && wanted.length === 0)) return applied;
  const merged = new ItemMerge(list, old, wanted).merged();
  return merged.length === old.length && merged.every((item, index) => item === old[index]) ? old : merged;
}

type Item = { readonly element: PathElement; readonly value: Json };

class ItemMerge {
  readonly #list: ListType;
  readonly #old: readonly Item[];
  readonly #wanted: readonly Item[];
  /** `null` stands for items that cannot be told from each other: there is nothing to merge with. */
  readonly #oldValues = new Map<PathElement, Json>();
  readonly #wantedValues = new Map<PathElement, Json>();
  readonly #taken = new Set<PathElement>();
  /** The elements that both have, in the order in which they are applied. */
  readonly #shared: readonly PathElement[];
  #nextShared = 0;

  constructor(list: ListType, old: readonly Json[], wanted: readonly Json[]) {
    this.#list = list;
    this.#old = itemsOf(list, old);
    this.#wanted = itemsOf(list, wanted);
    for (const { element, value } of this.#old) this.#oldValues.set(element, this.#oldValues.has(element) ? null : value);
    for (const { element, value } of this.#wanted) this.#wantedValues.set(element, value);
    this.#shared = this.#wanted.map(({ element }) => element).filter((element) => this.#oldValues.has(element));
  }

  merged(): readonly Json[] {
    const out: Json[] = [];
    let [o, w] = [0, 0];
    while (o < this.#old.length || w < this.#wanted.length) {
      const item = this.#old[o];
      const wanted = this.#wanted[w];
      if (item !== undefined && wanted !== undefined) {
        if (item.element === wanted.element) {
          out.push(this.#take(item.element));
          this.#nextShared += 1;
          o += 1;
          w += 1;
          continue;
        }
        const next = this.#shared[this.#nextShared];
        if (this.#wantedValues.has(item.element) && next !== undefined && next !== item.element) {
          o += 1;
          continue;
        }
      }
      if (item !== undefined) {
        if (!this.#wantedValues.has(item.element)) {
          out.push(item.value);
          o += 1;
          continue;
        }
        if (this.#taken.has(item.element)) o += 1;
      }
      if (wanted !== undefined) {
        out.push(this.#take(wanted.element));
        w += 1;
        if (this.#shared[this.#nextShared] === wanted.element) this.#nextShared += 1;
      }
    }
    return out;
  }

  #take(element: PathElement): Json {
    this.#taken.add(element);
    return mergeValues(this.#list.element, this.#oldValues.get(element), this.#wantedValues.get(element)) ?? null;
  }
}

function itemsOf(list: ListType, values: readonly Json[]): readonly Item[] {
  const items: Item[] = [];
  for (const value of values) {
    const element = elementOfItem(list, value);
    if (element !== undefined) items.push({ element, value });
  }
  return items;
}
