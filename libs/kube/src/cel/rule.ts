import type { Json, JsonObject } from '../json.ts';
import { isJsonList, isJsonObject } from '../schema/json-shape.ts';
import { children } from './literals.ts';
import type { Expr } from './expression.ts';
import { compileText, type CompiledText } from './program.ts';
import { rulePath } from './rule-path.ts';
import type { SchemaType } from './schema-type.ts';
import { boolType, optionalOf, sameType, stringType, type CelType } from './types.ts';

/** One x-kubernetes-validations entry, made ready. */
export type Rule = {
  /** How the rule is named in mistakes: by its message, or by its text. */
  readonly title: string;
  readonly message: string;
  readonly reason: string | undefined;
  readonly path: string | undefined;
  readonly compiled: CompiledText;
  readonly messageText: string;
  readonly messageCompiled: CompiledText | undefined;
  readonly usesOldSelf: boolean;
  readonly optionalOldSelf: boolean;
};

/** The per-call budget of upstream: about a tenth of a second there. */
export const callCostMax = 1_000_000;

export function readRules(schema: JsonObject, type: SchemaType): readonly Rule[] {
  const entries = schema['x-kubernetes-validations'];
  if (!isJsonList(entries)) return [];
  return entries.filter(isJsonObject).map((entry) => readRule(entry, schema, type.type));
}

function readRule(entry: JsonObject, schema: JsonObject, type: CelType): Rule {
  const text = textOf(entry['rule']);
  const message = textOf(entry['message']).trim();
  const messageText = textOf(entry['messageExpression']);
  const fieldPath = textOf(entry['fieldPath']);
  const optionalOldSelf = entry['optionalOldSelf'] === true;
  const variables = new Map([
    ['self', type],
    ['oldSelf', optionalOldSelf ? optionalOf(type) : type],
  ]);
  const compiled = compileText(text, variables);
  return {
    title: message === '' ? text.trim() : message,
    message: message === '' ? `failed rule: ${text.trim()}` : message,
    reason: entry['reason'] === undefined ? undefined : textOf(entry['reason']),
    path: fieldPath === '' ? undefined : rulePath(fieldPath, schema),
    compiled: expecting(compiled, boolType, 'cel expression must evaluate to a bool'),
    messageText,
    messageCompiled:
      messageText === ''
        ? undefined
        : expecting(compileText(messageText, variables), stringType, 'messageExpression must evaluate to a string'),
    usesOldSelf: compiled.ok && mentions(compiled.expr, 'oldSelf'),
    optionalOldSelf,
  };
}

/** A problem without a place has no `ERROR:` line: the whole text is meant. */
function expecting(compiled: CompiledText, type: CelType, problem: string): CompiledText {
  return compiled.ok && !sameType(compiled.result, type) ? { ok: false, problem } : compiled;
}

function mentions(expr: Expr, name: string): boolean {
  return (expr.op === 'ident' && expr.name === name) || children(expr).some((child) => mentions(child, name));
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}
