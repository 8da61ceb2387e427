import type { Json, JsonObject } from '../json.ts';
import type { StatusCause } from '../status-failure.ts';
import { duplicateValue, invalidValue } from './field-error.ts';
import { fieldOf } from './field-path.ts';
import { isJsonList, isJsonObject } from './json-shape.ts';
import type { SchemaNode } from './schema-node.ts';

/** Repeated values in lists of type set, repeated keys in lists of type map. `at` is written `spec.labels[key].tags`. */
export function keyedListCauses(node: SchemaNode, value: Json, at: string): readonly StatusCause[] {
  if (!node.has.keyedLists) return [];
  if (isJsonList(value)) return [...listCauses(node, value, at), ...itemCauses(node, value, at)];
  return isJsonObject(value) ? fieldCauses(node, value, at) : [];
}

function fieldCauses(node: SchemaNode, value: JsonObject, at: string): readonly StatusCause[] {
  const causes: StatusCause[] = [];
  for (const key of Object.keys(value)) {
    const field = value[key];
    if (field === undefined) continue;
    const property = node.properties.get(key);
    if (property) causes.push(...keyedListCauses(property, field, fieldOf(at, key)));
    else if (typeof node.additional === 'object') causes.push(...keyedListCauses(node.additional, field, `${at}[${key}]`));
  }
  return causes;
}

function itemCauses({ items }: SchemaNode, value: readonly Json[], at: string): readonly StatusCause[] {
  if (items?.has.keyedLists !== true) return [];
  return value.flatMap((item, index) => keyedListCauses(items, item, `${at}[${index}]`));
}

function listCauses({ list }: SchemaNode, value: readonly Json[], at: string): readonly StatusCause[] {
  if (list === undefined) return [];
  if (list.type === 'set') return duplicates(value).map((index) => duplicateValue(`${at}[${index}]`, value[index]));
  const stranger = value.findIndex((item) => item !== null && !isJsonObject(item));
  if (stranger >= 0) return [invalidValue(`${at}[${stranger}]`, value[stranger], 'must be an object for an array of list-type map')];
  if (value.length <= 1) return [];
  if (areToldApart(value, list.keys)) return [];
  const keys = value.map((item) => keysOf(item, list.keys));
  return duplicates(keys).map((index) => duplicateValue(`${at}[${index}]`, keys[index]));
}

/** Whether one key tells all items: the usual case, and cheaper to see than which of them repeat. */
function areToldApart(items: readonly Json[], [key, ...more]: readonly string[]): boolean {
  if (key === undefined || more.length > 0) return false;
  const texts = items.map((item) => (isJsonObject(item) ? item[key] : undefined));
  return texts.every((text, index) => typeof text === 'string' && texts.indexOf(text) === index) && items.length <= fewItems;
}

const fewItems = 16;

function keysOf(item: Json, names: readonly string[]): JsonObject {
  if (!isJsonObject(item)) return {};
  return Object.fromEntries(names.filter((name) => Object.hasOwn(item, name)).map((name) => [name, item[name]]));
}

/** Where values repeat: the index of each value's second appearance. */
function duplicates(values: readonly Json[]): readonly number[] {
  if (values.length <= 1) return [];
  const seen = new Map<string, number>();
  return values.flatMap((value, index) => {
    const text = canonicalText(value);
    const times = seen.get(text) ?? 0;
    seen.set(text, times + 1);
    return times === 1 ? [index] : [];
  });
}

/** One text per value, whatever the order of its keys. */
function canonicalText(value: Json): string {
  if (isJsonList(value)) return `[${value.map(canonicalText).join()}]`;
  if (!isJsonObject(value)) return JSON.stringify(value);
  const fields = Object.keys(value).sort();
  return `{${fields.map((key) => `${JSON.stringify(key)}:${canonicalText(value[key] ?? null)}`).join()}}`;
}
