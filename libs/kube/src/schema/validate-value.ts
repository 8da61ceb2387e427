import { equalJson } from '../equal-json.ts';
import type { Json, JsonObject } from '../json.ts';
import type { StatusCause } from '../status-failure.ts';
import { place, report, reportInvalid, reportType, type Checking } from './checking.ts';
import { correlatedField, correlatedItem } from './correlate.ts';
import { invalidValue, requiredValue, tooMany } from './field-error.ts';
import { pathText } from './field-path.ts';
import { goQuote, isGoInteger, isNumeric } from './go-text.ts';
import { isJsonList, isJsonObject } from './json-shape.ts';
import { kindBits, type Junctors, type KindName, type SchemaNode, type SizeRule } from './schema-node.ts';
import { checkEnum, checkFormat, checkNumber, checkText } from './validate-scalar.ts';

/**
 * Checks one value, in upstream's order: type, junctors, text, format, number, list, enum, object. `old` is the value
 * at the same place before an update (undefined: none, or not correlatable): what did not change is not reported.
 */
export function checkValue(checking: Checking, node: SchemaNode, value: Json, old: Json | undefined): void {
  const before = checking.causes.length;
  const kind = kindOf(value);
  if (kind === 'null') {
    if (checkNull(checking, node)) checking.matches++;
    if (node.choices) checkEnum(checking, node.choices, value);
  } else {
    checking.matches += 2; // the enum check and the node itself
    checkKind(checking, node, value, kind);
    checking.matches += 2; // the junctors, present or not
    if (node.junctors) checkJunctors(checking, node.junctors, value, old);
    checkInside(checking, node, value, old);
  }
  if (checking.causes.length > before && old !== undefined && equalJson(old, value)) checking.causes.length = before;
}

function checkInside(checking: Checking, node: SchemaNode, value: Json, old: Json | undefined): void {
  if (typeof value === 'string') {
    checking.matches++;
    if (node.text) checkText(checking, node.text, value);
    if (node.format) checkFormat(checking, node.format, value);
  } else if (isNumeric(value)) {
    checking.matches += 2;
    if (node.number) checkNumber(checking, node.number, value);
  } else if (isJsonList(value)) {
    checking.matches += 2;
    checkList(checking, node, value, old);
  }
  if (node.choices) checkEnum(checking, node.choices, value);
  if (isJsonObject(value)) {
    checking.matches++;
    checkObject(checking, node, value, old);
  }
}

function kindOf(value: Json): KindName {
  if (value === null) return 'null';
  if (isNumeric(value)) return isGoInteger(value) ? 'integer' : 'number';
  if (typeof value === 'object') return isJsonList(value) ? 'array' : 'object';
  return typeof value === 'boolean' ? 'boolean' : 'string';
}

function checkNull(checking: Checking, node: SchemaNode): boolean {
  if (node.typeText === '' || node.nullable) return true;
  reportType(checking, node.typeText, 'null');
  return false;
}

function checkKind(checking: Checking, node: SchemaNode, value: Json, kind: KindName): void {
  if (node.typeText === '' && node.format === undefined) return;
  checking.matches++;
  const accepted = (node.kinds & kindBits[kind]) !== 0;
  if (accepted) checking.matches++;
  else if (node.format) checkKindOfFormatted(checking, node, node.format.name, kind);
  else reportType(checking, node.typeText, kind);
}

/** A format stands for a type of its own: `must be of type date: "int64"`. */
function checkKindOfFormatted(checking: Checking, node: SchemaNode, format: string, kind: KindName): void {
  if (kind !== 'string' && kind !== 'array') reportType(checking, format, goFormats[kind] ?? '');
  else if ((node.kinds & kindBits.integer) !== 0) reportType(checking, node.typeText, kind);
  else checking.matches++;
}

const goFormats: Partial<Record<KindName, string>> = { integer: 'int64', number: 'float64' };

function checkList(checking: Checking, node: SchemaNode, value: readonly Json[], old: Json | undefined): void {
  const { items, size } = node;
  if (items) {
    for (let index = 0; index < value.length; index++) {
      const item = value[index] ?? null;
      checking.path.push(index);
      checkValue(checking, items, item, old === undefined ? undefined : correlatedItem(node.list, item, old));
      checking.path.pop();
    }
  }
  if (!size) return;
  const { minItems, maxItems } = size;
  if (minItems !== undefined && value.length < minItems) reportInvalid(checking, value.length, `should have at least ${minItems} items`);
  if (maxItems !== undefined && value.length > maxItems) report(checking, tooMany(place(checking).field, value.length, maxItems));
}

function checkObject(checking: Checking, node: SchemaNode, value: JsonObject, old: Json | undefined): void {
  const keys = Object.keys(value);
  if (node.size) checkFieldCount(checking, node.size, keys.length);
  for (const key of keys) {
    const field = value[key];
    if (field === undefined) continue;
    const child = node.properties.get(key) ?? node.additional;
    if (child === false) reportInvalid(checking, key, 'is a forbidden property', key);
    if (typeof child !== 'object') continue;
    checking.path.push(key);
    checkValue(checking, child, field, old === undefined ? undefined : correlatedField(old, key, checking.path.length === 1));
    checking.path.pop();
  }
  for (const name of node.required) {
    if (!Object.hasOwn(value, name)) report(checking, requiredValue(pathText([...checking.path, name])));
  }
}

function checkFieldCount(checking: Checking, size: SizeRule, count: number): void {
  const { minProperties, maxProperties } = size;
  if (minProperties !== undefined && count < minProperties)
    reportInvalid(checking, count, `should have at least ${minProperties} properties`);
  if (maxProperties !== undefined && count > maxProperties) report(checking, tooMany(place(checking).field, count, maxProperties));
}

/** allOf, anyOf, oneOf, not. Of alternatives that all fail, the one that went furthest explains why. */
function checkJunctors(checking: Checking, junctors: Junctors, value: Json, old: Json | undefined): void {
  if (junctors.anyOf.length > 0) checkAnyOf(checking, junctors.anyOf, value, old);
  if (junctors.oneOf.length > 0) checkOneOf(checking, junctors.oneOf, value, old);
  if (junctors.allOf.length > 0) checkAllOf(checking, junctors.allOf, value, old);
  if (junctors.not && tryBranch(checking, junctors.not, value, old).causes.length === 0) {
    reportSchema(checking, 'must not validate the schema (not)');
  }
}

type Tried = { readonly causes: readonly StatusCause[]; readonly matches: number };

function tryBranch(checking: Checking, branch: SchemaNode, value: Json, old: Json | undefined): Tried {
  const trial: Checking = { path: checking.path, causes: [], matches: 0 };
  checkValue(trial, branch, value, old);
  return trial;
}

function merge(checking: Checking, tried: Tried | undefined): void {
  if (tried === undefined) return;
  checking.matches += tried.matches;
  for (const cause of tried.causes) report(checking, cause);
}

function checkAnyOf(checking: Checking, branches: readonly SchemaNode[], value: Json, old: Json | undefined): void {
  let best: Tried | undefined;
  for (const branch of branches) {
    const tried = tryBranch(checking, branch, value, old);
    if (tried.causes.length === 0) return merge(checking, tried);
    if (best === undefined || tried.matches > best.matches) best = tried;
  }
  reportSchema(checking, 'must validate at least one schema (anyOf)');
  merge(checking, best);
}

function checkOneOf(checking: Checking, branches: readonly SchemaNode[], value: Json, old: Json | undefined): void {
  let best: Tried | undefined;
  const valid: Tried[] = [];
  for (const branch of branches) {
    const tried = tryBranch(checking, branch, value, old);
    if (tried.causes.length === 0) valid.push(tried);
    else if (valid.length === 0 && (best === undefined || tried.matches > best.matches)) best = tried;
  }
  if (valid.length === 1) return merge(checking, valid[0]);
  const found = valid.length === 0 ? 'Found none valid' : `Found ${valid.length} valid alternatives`;
  reportSchema(checking, `must validate one and only one schema (oneOf). ${found}`);
  if (valid.length === 0) merge(checking, best);
}

function checkAllOf(checking: Checking, branches: readonly SchemaNode[], value: Json, old: Json | undefined): void {
  let valid = 0;
  for (const branch of branches) {
    const tried = tryBranch(checking, branch, value, old);
    if (tried.causes.length === 0) valid++;
    merge(checking, tried);
  }
  if (valid === branches.length) return;
  reportSchema(checking, `must validate all the schemas (allOf)${valid === 0 ? '. None validated' : ''}`);
}

/** These have no field of their own upstream: the place stands in the text. */
function reportSchema(checking: Checking, rule: string): void {
  report(checking, invalidValue('<nil>', '', `${goQuote(pathText(checking.path))} ${rule}`));
}
