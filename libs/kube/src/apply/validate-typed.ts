import type { Json, JsonObject } from '../json.ts';
import { goNumber, goValue, isNumeric } from '../schema/go-text.ts';
import { fieldTypeIn, isList, isMap, partOf, type FieldType, type ListType, type MapType, type ScalarType } from './field-type.ts';
import { itemElement } from './list-item.ts';
import { elementText, fieldElement } from './path-element.ts';

/** `path` as messages print it: `.spec.items[name="x"]`. */
export type TypeFault = { readonly path: string; readonly message: string };

/**
 * What keeps a value from being of its type: fields that nobody declared, wrong types, list items that cannot be told
 * apart. Live objects may hold duplicates; what is applied may not.
 */
export function typeFaults(type: FieldType, value: Json, duplicates: 'allowed' | 'refused'): readonly TypeFault[] {
  const part = partOf(type, value);
  switch (part) {
    case 'map':
      return mapFaults(type.map as MapType, value, duplicates);
    case 'scalar':
      return scalarFaults(type.scalar as ScalarType, value);
    case 'list':
      return listFaults(type.list as ListType, value, duplicates);
    case undefined:
      return [{ path: '', message: 'schema error: invalid atom: inlined' }];
  }
}

/** All faults in one text, as upstream joins them. */
export function faultsText(faults: readonly TypeFault[]): string {
  const texts = faults.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`));
  return texts.length === 1 ? (texts[0] ?? '') : ['errors:', ...texts.map((text) => `  ${text}`)].join('\n');
}

const none: readonly TypeFault[] = [];

function mapFaults(map: MapType, value: Json, duplicates: 'allowed' | 'refused'): readonly TypeFault[] {
  if (value === null) return none;
  if (!isMap(value)) return [{ path: '', message: `expected map, got &{${goPlain(value)}}` }];
  let faults = none;
  for (const name in value) {
    const type = fieldTypeIn(map, name);
    // Upstream looks no further than the first field that nobody declared.
    if (type === undefined) return [...faults, { path: `.${name}`, message: 'field not declared in schema' }];
    const inside = typeFaults(type, value[name] as Json, duplicates);
    if (inside.length > 0) faults = [...faults, ...below(fieldElement(name), inside)];
  }
  return faults;
}

function scalarFaults(scalar: ScalarType, value: Json): readonly TypeFault[] {
  if (value === null) return none;
  switch (scalar) {
    case 'numeric':
      return isNumeric(value) ? none : [{ path: '', message: `expected numeric (int or float), got ${goTypeOf(value)}` }];
    case 'string':
      if (typeof value === 'string') return none;
      return [{ path: '', message: `expected string, got &value.valueUnstructured{Value:${goSyntaxOf(value)}}` }];
    case 'boolean':
      return typeof value === 'boolean' ? none : [{ path: '', message: `expected boolean, got &{${goPlain(value)}}` }];
    case 'untyped':
      return typeof value !== 'object' ? none : [{ path: '', message: `expected any scalar, got &{${goPlain(value)}}` }];
  }
}

function listFaults(list: ListType, value: Json, duplicates: 'allowed' | 'refused'): readonly TypeFault[] {
  if (value === null) return none;
  if (!isList(value)) return [{ path: '', message: `expected list, got &{${goPlain(value)}}` }];
  let faults = none;
  const seen = new Set<string>();
  for (const [index, item] of value.entries()) {
    let element = `i:${index}`;
    if (!list.atomic) {
      const told = itemElement(list, item);
      if (told.type === 'unfit') return [...faults, { path: '', message: `element ${index}: ${told.message}` }];
      ({ element } = told);
      if (duplicates === 'refused' && seen.has(element))
        faults = [...faults, { path: '', message: `duplicate entries for key ${elementText(element)}` }];
      seen.add(element);
    }
    const inside = typeFaults(list.element, item, duplicates);
    if (inside.length > 0) faults = [...faults, ...below(element, inside)];
  }
  return faults;
}

function below(element: string, faults: readonly TypeFault[]): readonly TypeFault[] {
  const prefix = elementText(element);
  return faults.map(({ path, message }) => ({ path: `${prefix}${path}`, message }));
}

/** Go's `%v` of decoded JSON: `map[a:1 b:[x y]]`. */
function goPlain(value: Json | undefined): string {
  if (value === null || value === undefined) return '<nil>';
  if (isNumeric(value)) return goNumber(value);
  if (typeof value !== 'object') return String(value);
  if (isList(value)) return `[${value.map(goPlain).join(' ')}]`;
  const fields = Object.keys(value).sort();
  return `map[${fields.map((name) => `${name}:${goPlain((value as JsonObject)[name])}`).join(' ')}]`;
}

const goSyntaxOf = (value: Json): string => goValue(value);

function goTypeOf(value: Json): string {
  if (typeof value === 'string') return 'string';
  if (typeof value === 'boolean') return 'bool';
  return Array.isArray(value) ? '[]interface {}' : 'map[string]interface {}';
}
