import type { Json, JsonObject } from '../json.ts';
import { forbidden, invalidValue } from '../schema/field-error.ts';
import { isJsonList, isJsonObject } from '../schema/json-shape.ts';
import { propertiesOf } from '../schema/structural-bounds.ts';
import type { StatusCause } from '../status-failure.ts';
import { estimateCost } from './estimate-cost.ts';
import type { CompiledText } from './program.ts';
import { readRules, type Rule } from './rule.ts';
import { isEmbedded, requestBytesMax, schemaType, type SchemaType } from './schema-type.ts';
import { times } from './size-estimate.ts';

/** What one rule, and all rules of a schema, may be estimated to cost at most. */
const ruleCostMax = 10_000_000;
const schemaCostMax = 100_000_000;

/**
 * Why the rules of a sound structural schema cannot be served: they do not compile, use oldSelf where there is none, or
 * could cost too much. Source: apiextensions pkg/apis/apiextensions/validation.
 */
export function ruleCauses(schema: JsonObject, at: string): readonly StatusCause[] {
  const check = new Check();
  check.visit(schema, { at, root: true, cardinality: 1, uncorrelated: undefined });
  return [...check.causes, ...totalCauses(check.costs, at)];
}

/** How often a place can occur in one object (undefined: only its size limits that), and since where items have no old value. */
type Where = {
  readonly at: string;
  readonly root: boolean;
  readonly cardinality: number | undefined;
  readonly uncorrelated: string | undefined;
};

type Cost = { readonly at: string; readonly cost: number };

class Check {
  readonly causes: StatusCause[] = [];
  readonly costs: Cost[] = [];

  visit(schema: JsonObject, where: Where): void {
    const { items, additionalProperties, maxItems, maxProperties } = schema;
    const { at, cardinality } = where;
    if (isJsonObject(items)) {
      const keyed = schema['x-kubernetes-list-type'] === 'map';
      const uncorrelated = where.uncorrelated ?? (keyed ? undefined : at);
      this.visit(items, { at: `${at}.items`, root: isEmbedded(items), cardinality: product(cardinality, maxItems), uncorrelated });
    }
    if (isJsonObject(additionalProperties)) {
      const below = { ...where, root: isEmbedded(additionalProperties), cardinality: product(cardinality, maxProperties) };
      this.visit(additionalProperties, { ...below, at: `${at}.additionalProperties` });
    }
    for (const [name, property] of Object.entries(propertiesOf(schema))) {
      this.visit(property, { ...where, at: `${at}.properties[${name}]`, root: isEmbedded(property) });
    }
    const entries = schema['x-kubernetes-validations'];
    const type = isJsonList(entries) && entries.length > 0 ? schemaType(schema, where.root) : undefined;
    if (type && isJsonList(entries)) this.#rules(entries.filter(isJsonObject), schema, type, where);
  }

  #rules(entries: readonly JsonObject[], schema: JsonObject, type: SchemaType, where: Where): void {
    for (const [index, rule] of readRules(schema, type).entries()) {
      this.#rule(rule, entries[index] ?? {}, type, { ...where, at: `${where.at}.x-kubernetes-validations[${index}]` });
    }
  }

  #rule(rule: Rule, entry: JsonObject, type: SchemaType, where: Where): void {
    const { at } = where;
    const cost = times(costOf(rule.compiled, type), where.cardinality ?? Math.floor(requestBytesMax / (type.bytesMin + 1)));
    if (cost > ruleCostMax) this.causes.push(forbidden(`${at}.rule`, costText('estimated rule cost', cost, ruleCostMax)));
    this.costs.push({ at: `${at}.rule`, cost });
    if (!rule.compiled.ok) this.causes.push(invalidRule(`${at}.rule`, entry, problemText('compilation failed', rule.compiled.problem)));
    this.#messageExpression(rule, entry, type, at);
    if (rule.usesOldSelf && where.uncorrelated !== undefined) {
      const detail = `oldSelf cannot be used on the uncorrelatable portion of the schema within ${where.uncorrelated}`;
      this.causes.push(invalidValue(`${at}.rule`, entry['rule'], detail));
    }
    if (!rule.usesOldSelf && rule.compiled.ok && entry['optionalOldSelf'] !== undefined) {
      const detail = 'may not be set if oldSelf is not used in rule';
      this.causes.push(invalidValue(`${at}.optionalOldSelf`, entry['optionalOldSelf'], detail));
    }
  }

  #messageExpression({ messageCompiled }: Rule, entry: JsonObject, type: SchemaType, at: string): void {
    if (messageCompiled === undefined) return;
    const field = `${at}.messageExpression`;
    if (!messageCompiled.ok) {
      this.causes.push(invalidRule(field, entry, problemText('messageExpression compilation failed', messageCompiled.problem)));
      return;
    }
    const cost = costOf(messageCompiled, type);
    if (cost > ruleCostMax) this.causes.push(forbidden(field, costText('estimated messageExpression cost', cost, ruleCostMax)));
    this.costs.push({ at: field, cost });
  }
}

function product(cardinality: number | undefined, elementsMax: Json | undefined): number | undefined {
  return cardinality === undefined || typeof elementsMax !== 'number' ? undefined : times(cardinality, elementsMax);
}

function costOf(compiled: CompiledText, type: SchemaType): number {
  return compiled.ok ? estimateCost(compiled.expr, compiled.checked, type) : 0;
}

const expensiveShown = 4;

function totalCauses(costs: readonly Cost[], at: string): readonly StatusCause[] {
  const total = costs.reduce((sum, { cost }) => sum + cost, 0);
  if (total <= schemaCostMax) return [];
  const most = costs.filter(({ cost }) => cost >= schemaCostMax / 100).toSorted((left, right) => right.cost - left.cost);
  const contributed = 'contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema';
  const name = 'x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema';
  return [
    ...most.slice(0, expensiveShown).map((cost) => forbidden(cost.at, contributed)),
    forbidden(at, costText(name, total, schemaCostMax)),
  ];
}

function costText(name: string, cost: number, max: number): string {
  const factor = cost / max;
  const text = factor > 100 ? 'more than 100x' : factor < 1.5 ? `${factor.toFixed(6)}x` : `${factor.toFixed(1)}x`;
  const advice = 'try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared';
  return `${name} exceeds budget by factor of ${text} (${advice})`;
}

function problemText(prefix: string, problem: string): string {
  return problem.startsWith('ERROR: ') ? `${prefix}: ${problem}` : problem;
}

/** Upstream shows the whole entry, as Go writes JSON. */
function invalidRule(field: string, entry: JsonObject, detail: string): StatusCause {
  const shown = JSON.stringify({
    Rule: entry['rule'] ?? '',
    Message: entry['message'] ?? '',
    MessageExpression: entry['messageExpression'] ?? '',
    Reason: entry['reason'] ?? null,
    FieldPath: entry['fieldPath'] ?? '',
    OptionalOldSelf: entry['optionalOldSelf'] ?? null,
  });
  const escaped = shown.replace(/[<>&\u2028\u2029]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return { reason: 'FieldValueInvalid', message: `Invalid value: ${escaped}: ${detail}`, field };
}
