import { equalJson } from '../equal-json.ts';
import type { JsonObject } from '../json.ts';
import type { StatusCause } from '../status-failure.ts';
import type { Checking } from './checking.ts';
import { compileNode } from './compile-node.ts';
import { invalidValue } from './field-error.ts';
import { isJsonObject } from './json-shape.ts';
import { pruneAgainst } from './prune-value.ts';
import { propertiesOf } from './structural-bounds.ts';
import { embeddedCauses } from './validate-embedded.ts';
import { checkValue } from './validate-value.ts';

/** Defaults must be what their own schema accepts, and must not hold fields that it does not know. */
export function defaultCauses(schema: JsonObject, at: string): readonly StatusCause[] {
  const { items } = schema;
  return [
    ...ownDefaultCauses(schema, `${at}.default`),
    ...(isJsonObject(items) ? defaultCauses(items, `${at}.items`) : []),
    ...Object.entries(propertiesOf(schema)).flatMap(([name, property]) => defaultCauses(property, `${at}.properties[${name}]`)),
  ];
}

function ownDefaultCauses(schema: JsonObject, at: string): readonly StatusCause[] {
  const value = schema['default'];
  if (value === undefined || value === null) return [];
  const node = compileNode(schema);
  const checking: Checking = { path: [], causes: [], matches: 0 };
  checkValue(checking, node, value, undefined);
  const embedded = embeddedCauses(node, value, at);
  return [
    ...(equalJson(pruneAgainst(value, node), value) ? [] : [invalidValue(at, value, 'must not have unknown fields')]),
    ...(embedded.length > 0 ? embedded : checking.causes.map((cause) => ({ ...cause, field: below(at, cause.field) }))),
  ];
}

function below(at: string, field: string): string {
  return field === '<nil>' ? at : `${at}.${field}`;
}
