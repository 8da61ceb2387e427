import type { Json, JsonObject } from '../json.ts';
import { noFields, ownedLeaf, type FieldNode, type FieldSet } from './field-set.ts';
import { compareElements, readElement, type PathElement } from './path-element.ts';

/**
 * FieldsV1 is the tree itself: a node's children by path element, `{}` for a member without any, and `.` beside the
 * children of a node that is a member too.
 * https://kubernetes.io/docs/reference/generated/kubernetes-api/v1.34/#fieldsv1-v1-meta
 */
export function encodeFields(set: FieldSet): JsonObject {
  return encodeBelow(set, false);
}

/** What was decoded stays with the object that it was decoded from: most owners' fields outlive many writes. */
const decoded = new WeakMap<JsonObject, FieldSet>();

/** The set that `fields` spells, or undefined where it is not FieldsV1. Steps that nobody knows are dropped. */
export function decodeFields(fields: Json | undefined): FieldSet | undefined {
  if (!isObject(fields)) return undefined;
  let set = decoded.get(fields);
  if (set !== undefined) return set;
  try {
    set = decodeNode(fields).below ?? noFields;
  } catch {
    return undefined;
  }
  decoded.set(fields, set);
  return set;
}

function encodeBelow(set: FieldSet, isMember: boolean): JsonObject {
  const fields: Record<string, JsonObject> = isMember ? { '.': {} } : {};
  const elements = [...set.keys()];
  if (elements.length > 1) elements.sort(compareElements);
  for (const element of elements) {
    const { owned, below } = set.get(element) as FieldNode;
    fields[element] = below === undefined ? {} : encodeBelow(below, owned);
  }
  return fields;
}

function decodeNode(fields: JsonObject): FieldNode {
  let owned = false;
  let below: Map<PathElement, FieldNode> | undefined;
  for (const text of Object.keys(fields)) {
    if (text === '.') {
      owned = true;
      continue;
    }
    const element = readElement(text);
    if (element === undefined) continue;
    const inside = fields[text];
    if (!isObject(inside)) throw new SyntaxError(`${text} does not lead to fields`);
    (below ??= new Map()).set(element, decodeNode(inside));
  }
  return below === undefined ? ownedLeaf : { owned, below };
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
