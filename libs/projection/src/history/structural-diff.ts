import { equalJson, type Json, type JsonObject } from '#kube';

/** What is different between two states of an object. */
export type StructuralDiff = {
  readonly changes: readonly FieldChange[];
  /** There are more changes than are told. */
  readonly more: boolean;
};

export type FieldChange = {
  /** Steps from the root: fields, places in lists, and `type=Ready` for items of a list that are told apart by that field. */
  readonly path: readonly string[];
  readonly before?: Json;
  readonly after?: Json;
  /** A value was too large to be told. */
  readonly shortened?: true;
};

const changesMax = 100;
const valueCharactersMax = 1_000;

/** Field by field; lists of things with names item by item. Bounded in the number of changes and in the size of each value. */
export function structuralDiff(before: JsonObject, after: JsonObject): StructuralDiff {
  const changes: FieldChange[] = [];
  collect([], before, after, changes);
  return changes.length > changesMax ? { changes: changes.slice(0, changesMax), more: true } : { changes, more: false };
}

function collect(path: readonly string[], before: Json | undefined, after: Json | undefined, changes: FieldChange[]): void {
  if (changes.length > changesMax) return;
  if (isObject(before) && isObject(after)) collectFields(path, before, after, changes);
  else if (isList(before) && isList(after)) collectItems(path, before, after, changes);
  else if (!equalJson(before, after)) changes.push(told(path, before, after));
}

function collectFields(path: readonly string[], before: JsonObject, after: JsonObject, changes: FieldChange[]): void {
  for (const field of new Set([...Object.keys(before), ...Object.keys(after)]))
    collect([...path, field], own(before, field), own(after, field), changes);
}

function collectItems(path: readonly string[], before: readonly Json[], after: readonly Json[], changes: FieldChange[]): void {
  const field = nameFields.find((name) => isKeyed(before, name) && isKeyed(after, name));
  if (field === undefined) {
    for (let index = 0; index < Math.max(before.length, after.length); index++)
      collect([...path, `${index}`], before[index], after[index], changes);
    return;
  }
  collectFields(path, keyed(before, field), keyed(after, field), changes);
}

/** By which items of lists are usually told apart. */
const nameFields = ['type', 'name', 'key', 'uid'] as const;

function isKeyed(items: readonly Json[], field: string): boolean {
  const names = new Set(items.map((item) => (isObject(item) ? own(item, field) : undefined)).filter((name) => typeof name === 'string'));
  return names.size === items.length;
}

const keyed = (items: readonly Json[], field: string): JsonObject =>
  Object.fromEntries(items.map((item) => [`${field}=${String((item as JsonObject)[field])}`, item]));

function told(path: readonly string[], before: Json | undefined, after: Json | undefined): FieldChange {
  const parts = { ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) };
  const fitting = Object.entries(parts).filter(([, value]) => JSON.stringify(value).length <= valueCharactersMax);
  if (fitting.length === Object.keys(parts).length) return { path, ...parts };
  return { path, ...Object.fromEntries(fitting), shortened: true };
}

const own = (object: JsonObject, field: string): Json | undefined => (Object.hasOwn(object, field) ? object[field] : undefined);
const isList = (value: Json | undefined): value is readonly Json[] => Array.isArray(value);
const isObject = (value: Json | undefined): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);
