import { compileRules, type RuleTree } from '../cel/rule-tree.ts';
import { ruleViolations } from '../cel/validate-rules.ts';
import type { JsonObject } from '../json.ts';
import type { CauseReason, StatusCause } from '../status-failure.ts';
import type { Checking } from './checking.ts';
import { compileNode } from './compile-node.ts';
import type { CompiledSchema } from './compiled-schema.ts';
import { defaultValue } from './default-value.ts';
import { invalidValue } from './field-error.ts';
import { isJsonObject } from './json-shape.ts';
import { pruneObject } from './prune-value.ts';
import type { SchemaNode } from './schema-node.ts';
import { embeddedCauses } from './validate-embedded.ts';
import { keyedListCauses } from './validate-lists.ts';
import { checkValue } from './validate-value.ts';

/**
 * Reads a structural schema once, so that objects can be checked against it many times. The schema has passed
 * validateStructuralSchema; nothing here throws on any JSON object, and no input is ever changed.
 */
export function compileSchema(source: JsonObject): CompiledSchema {
  const root = compileNode(source);
  const resource: SchemaNode = { ...root, embedded: true };
  let rules: RuleTree | undefined;
  return {
    source,
    prune: (object) => pruneObject(object, resource),
    default: (object) => {
      const filled = defaultValue(object, root);
      return isJsonObject(filled) ? filled : object;
    },
    validate: (object, old) => {
      const causes = shapeCauses(root, object, old);
      if (!root.has.rules) return causes;
      if (causes.some(({ reason }) => blocking.has(reason))) return [...causes, invalidValue('<nil>', null, notChecked)];
      rules ??= compileRules(source);
      const violations = rules ? ruleViolations(rules, object, old) : [];
      return violations.length === 0 ? causes : [...causes, ...violations];
    },
  };
}

function shapeCauses(root: SchemaNode, object: JsonObject, old: JsonObject | undefined): readonly StatusCause[] {
  const found = [valueCauses(root, object, old), embeddedCauses(root, object, ''), listCauses(root, object, old)];
  return found.every((causes) => causes.length === 0) ? none : found.flat();
}

const none: readonly StatusCause[] = [];

/** The old object is looked at only where the new one is not valid anyway. */
function valueCauses(root: SchemaNode, object: JsonObject, old: JsonObject | undefined): readonly StatusCause[] {
  const checking: Checking = { path: [], causes: [], matches: 0 };
  checkValue(checking, root, object, undefined);
  if (checking.causes.length === 0 || old === undefined) return checking.causes;
  const ratcheting: Checking = { path: [], causes: [], matches: 0 };
  checkValue(ratcheting, root, object, old);
  return ratcheting.causes;
}

/** An object whose lists were wrong before may stay so. */
function listCauses(root: SchemaNode, object: JsonObject, old: JsonObject | undefined): readonly StatusCause[] {
  const causes = keyedListCauses(root, object, '');
  if (causes.length === 0 || old === undefined) return causes;
  return keyedListCauses(root, old, '').length > 0 ? [] : causes;
}

/** Rules (CEL) need an object that is sound by its schema: not so after these. */
const blocking: ReadonlySet<CauseReason> = new Set<CauseReason>([
  'FieldValueNotSupported',
  'FieldValueRequired',
  'FieldValueTooLong',
  'FieldValueTooMany',
  'FieldValueTypeInvalid',
]);

const notChecked =
  'some validation rules were not checked because the object was invalid; correct the existing errors to complete validation';
