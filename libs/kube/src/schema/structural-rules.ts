import { rulePath } from '../cel/rule-path.ts';
import type { Json, JsonObject } from '../json.ts';
import type { StatusCause } from '../status-failure.ts';
import { forbidden, invalidStrings, invalidValue, notSupported, requiredValue } from './field-error.ts';
import { isJsonList, isJsonObject } from './json-shape.ts';
import { branches, propertiesOf, subschemas } from './structural-bounds.ts';

/** What surrounds a schema: defaults are not allowed everywhere. */
export type Surroundings = { readonly root: boolean; readonly insideMeta: boolean; readonly noDefaults: string | undefined };

const types = ['array', 'boolean', 'integer', 'number', 'object', 'string'];
const unsupported = ['id', 'additionalItems', 'patternProperties', 'definitions', 'dependencies', '$ref'];
const metaFields = ['metadata', 'kind', 'apiVersion'];

/** Rules about single keywords. Source: apiextensions pkg/apis/apiextensions/validation. */
export function keywordCauses(schema: JsonObject, at: string, around: Surroundings): readonly StatusCause[] {
  const inside = subschemas(schema).flatMap(({ path, schema: below }) =>
    keywordCauses(below, `${at}${path}`, surroundingsBelow(schema, path, around)),
  );
  return [
    ...vocabularyCauses(schema, at, around),
    ...(schema['uniqueItems'] === true
      ? [forbidden(`${at}.uniqueItems`, 'uniqueItems cannot be set to true since the runtime complexity becomes quadratic')]
      : []),
    ...exclusiveCauses(schema, at),
    ...inside,
    ...(schema['x-kubernetes-preserve-unknown-fields'] === false
      ? [invalidValue(`${at}.x-kubernetes-preserve-unknown-fields`, false, 'must be true or undefined')]
      : []),
    ...mapTypeCauses(schema, at),
    ...listTypeCauses(schema, at),
    ...mapKeyCauses(schema, at),
    ...uniqueItemCauses(schema, at),
    ...branches(schema, 'x-kubernetes-validations').flatMap((rule, index) =>
      ruleTextCauses(rule, schema, `${at}.x-kubernetes-validations[${index}]`),
    ),
  ];
}

function surroundingsBelow(schema: JsonObject, path: string, around: Surroundings): Surroundings {
  const isResource = around.root || schema['x-kubernetes-embedded-resource'] === true;
  const metaField = isResource ? metaFields.find((name) => path === `.properties[${name}]`) : undefined;
  if (metaField !== undefined) {
    return { root: false, insideMeta: true, noDefaults: around.root ? `in top-level ${metaField}` : around.noDefaults };
  }
  const ambiguous = path === '.additionalProperties' && around.insideMeta;
  const noDefaults = ambiguous ? 'inside additionalProperties applying to object metadata' : around.noDefaults;
  return { root: false, insideMeta: around.insideMeta, noDefaults };
}

function vocabularyCauses(schema: JsonObject, at: string, around: Surroundings): readonly StatusCause[] {
  const type = textOf(schema['type']);
  return [
    ...(type !== '' && !types.includes(type) ? [notSupported(`${at}.type`, type, types)] : []),
    ...(hasDefault(schema) && around.noDefaults !== undefined ? [forbidden(`${at}.default`, `must not be set ${around.noDefaults}`)] : []),
    ...unsupported.filter((name) => Object.hasOwn(schema, name)).map((name) => forbidden(`${at}.${name}`, `${name} is not supported`)),
    ...(type === 'null' ? [forbidden(`${at}.type`, 'type cannot be set to null, use nullable as an alternative')] : []),
    ...(isJsonList(schema['items']) ? [forbidden(`${at}.items`, 'items must be a schema object and not an array')] : []),
    ...(around.insideMeta && schema['x-kubernetes-embedded-resource'] === true
      ? [forbidden(`${at}.x-kubernetes-embedded-resource`, 'must not be used inside of resource meta')]
      : []),
  ];
}

function hasDefault(schema: JsonObject | undefined): boolean {
  return schema?.['default'] !== undefined && schema['default'] !== null;
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}

function exclusiveCauses(schema: JsonObject, at: string): readonly StatusCause[] {
  const { additionalProperties } = schema;
  const narrows = additionalProperties === false || isJsonObject(additionalProperties);
  if (!narrows || Object.keys(propertiesOf(schema)).length === 0) return [];
  return [forbidden(`${at}.additionalProperties`, 'additionalProperties and properties are mutual exclusive')];
}

function mapTypeCauses(schema: JsonObject, at: string): readonly StatusCause[] {
  const mapType = schema['x-kubernetes-map-type'];
  if (mapType === undefined) return [];
  const known = mapType === 'atomic' || mapType === 'granular';
  return [
    ...typeMustBe('object', schema, at, 'must be object if x-kubernetes-map-type is specified'),
    ...(known ? [] : [notSupported(`${at}.x-kubernetes-map-type`, mapType, ['atomic', 'granular'])]),
  ];
}

function typeMustBe(expected: string, schema: JsonObject, at: string, detail: string): readonly StatusCause[] {
  const type = textOf(schema['type']);
  if (type === expected) return [];
  return [type === '' ? requiredValue(`${at}.type`, detail) : invalidValue(`${at}.type`, type, detail)];
}

function listTypeCauses(schema: JsonObject, at: string): readonly StatusCause[] {
  const listType = schema['x-kubernetes-list-type'];
  if (listType === undefined) return [];
  const wrongType = typeMustBe('array', schema, at, 'must be array if x-kubernetes-list-type is specified');
  const { items } = schema;
  const known = ['atomic', 'set', 'map'].includes(textOf(listType));
  return [
    ...wrongType,
    ...(wrongType.length === 0 && listType === 'set' && isJsonObject(items) ? setItemCauses(items, `${at}.items`) : []),
    ...(known ? [] : [notSupported(`${at}.x-kubernetes-list-type`, listType, ['atomic', 'set', 'map'])]),
  ];
}

/** Items of a set are compared as wholes, so they may not be merged field by field. */
function setItemCauses(items: JsonObject, at: string): readonly StatusCause[] {
  const detail = 'must be atomic as item of a list with x-kubernetes-list-type=set';
  const listType = items['x-kubernetes-list-type'];
  if (items['type'] === 'array' && listType !== undefined && listType !== 'atomic') {
    return [invalidValue(`${at}.x-kubernetes-list-type`, listType, detail)];
  }
  if (items['type'] === 'object' && items['x-kubernetes-map-type'] !== 'atomic') {
    return [invalidValue(`${at}.x-kubernetes-map-type`, listType ?? null, detail)];
  }
  return [];
}

function mapKeyCauses(schema: JsonObject, at: string): readonly StatusCause[] {
  const listType = schema['x-kubernetes-list-type'];
  const keys = keysOf(schema);
  if (listType !== 'map') return keys.length === 0 ? [] : [keysWithoutMap(listType, `${at}.x-kubernetes-list-type`)];
  const { items } = schema;
  const field = `${at}.x-kubernetes-list-map-keys`;
  return [
    ...(keys.length === 0 ? [requiredValue(field, 'must not be empty if x-kubernetes-list-type is map')] : []),
    ...(isJsonObject(items) ? [] : [requiredValue(`${at}.items`, 'must have a schema if x-kubernetes-list-type is map')]),
    ...(isJsonObject(items) && items['type'] !== 'object'
      ? [invalidValue(`${at}.items.type`, textOf(items['type']), "must be object if parent array's x-kubernetes-list-type is map")]
      : []),
    ...(isJsonObject(items) && items['type'] === 'object' ? keys.flatMap((key, index) => keyCauses(items, keys, index, at)) : []),
  ];
}

function keysWithoutMap(listType: Json | undefined, field: string): StatusCause {
  const detail = 'must be map if x-kubernetes-list-map-keys is non-empty';
  return listType === undefined ? requiredValue(field, detail) : invalidValue(field, listType, detail);
}

function keysOf(schema: JsonObject): readonly string[] {
  const keys = schema['x-kubernetes-list-map-keys'];
  return isJsonList(keys) ? keys.map(textOf) : [];
}

function keyCauses(items: JsonObject, keys: readonly string[], index: number, at: string): readonly StatusCause[] {
  const key = keys[index] ?? '';
  const properties = propertiesOf(items);
  const property = Object.hasOwn(properties, key) ? properties[key] : undefined;
  const field = `${at}.x-kubernetes-list-map-keys`;
  const compound = property?.['type'] === 'array' || property?.['type'] === 'object';
  return [
    ...(property === undefined ? [invalidStrings(field, keys, 'entries must all be names of item properties')] : []),
    ...(compound
      ? [
          invalidValue(
            `${at}.items.properties[${key}].type`,
            'object',
            "must be a scalar type if parent array's x-kubernetes-list-type is map",
          ),
        ]
      : []),
    ...(keys.indexOf(key) < index ? [invalidStrings(field, keys, 'must not contain duplicate entries')] : []),
  ];
}

/** Items of sets and maps must be there, and so must the keys of maps, by requirement or by default. */
function uniqueItemCauses(schema: JsonObject, at: string): readonly StatusCause[] {
  const listType = schema['x-kubernetes-list-type'];
  const { items } = schema;
  if (!isJsonObject(items) || (listType !== 'set' && listType !== 'map')) return [];
  const properties = propertiesOf(items);
  const required = isJsonList(items['required']) ? items['required'] : [];
  const causes: StatusCause[] = [];
  if (items['nullable'] === true)
    causes.push(forbidden(`${at}.items.nullable`, `cannot be nullable when x-kubernetes-list-type is ${listType}`));
  for (const key of listType === 'map' ? keysOf(schema) : []) {
    const property = Object.hasOwn(properties, key) ? properties[key] : undefined;
    const field = `${at}.items.properties[${key}]`;
    if (property === undefined) continue;
    if (!required.includes(key) && !hasDefault(property)) {
      const detail = 'this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property';
      causes.push(requiredValue(`${field}.default`, detail));
    }
    if (property['nullable'] === true) {
      causes.push(forbidden(`${field}.nullable`, 'this property is in x-kubernetes-list-map-keys, so it cannot be nullable'));
    }
  }
  return causes;
}

/** The texts around a CEL rule; the rule itself is not compiled here. */
function ruleTextCauses(rule: JsonObject, schema: JsonObject, at: string): readonly StatusCause[] {
  const reasons = ['FieldValueDuplicate', 'FieldValueForbidden', 'FieldValueInvalid', 'FieldValueRequired'];
  const text = textOf(rule['rule']).trim();
  const message = textOf(rule['message']);
  const lineBreak = /[\n\r]/;
  const causes: StatusCause[] = [];
  if (text === '') causes.push(requiredValue(`${at}.rule`, 'rule is not specified'));
  else if (message !== '' && message.trim() === '') causes.push(invalidValue(`${at}.message`, message, 'must be non-empty if specified'));
  else if (lineBreak.test(message.trim())) causes.push(invalidValue(`${at}.message`, message, 'must not contain line breaks'));
  else if (lineBreak.test(text) && message.trim() === '') {
    causes.push(requiredValue(`${at}.message`, 'message must be specified if rule contains line breaks'));
  }
  const spoken = textOf(rule['messageExpression']);
  if (spoken !== '' && spoken.trim() === '')
    causes.push(requiredValue(`${at}.messageExpression`, 'messageExpression must be non-empty if specified'));
  const { reason, fieldPath } = rule;
  if (reason !== undefined && !reasons.includes(textOf(reason))) causes.push(notSupported(`${at}.reason`, reason, reasons));
  if (typeof fieldPath === 'string' && lineBreak.test(fieldPath))
    causes.push(invalidValue(`${at}.fieldPath`, fieldPath, 'must not contain line breaks'));
  else if (typeof fieldPath === 'string' && fieldPath !== '' && rulePath(fieldPath, schema) === undefined)
    causes.push(invalidValue(`${at}.fieldPath`, fieldPath, 'must be a valid path'));
  return causes;
}
