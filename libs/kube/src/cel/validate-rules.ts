import { equalJson } from '../equal-json.ts';
import type { Json, JsonObject } from '../json.ts';
import { correlatedItem } from '../schema/correlate.ts';
import { duplicateValue, forbidden, invalidValue, requiredValue } from '../schema/field-error.ts';
import { fieldOf } from '../schema/field-path.ts';
import { isJsonList, isJsonObject } from '../schema/json-shape.ts';
import type { StatusCause } from '../status-failure.ts';
import type { Program } from './compile.ts';
import { valueOf } from './json-values.ts';
import { evaluate, type Evaluation } from './program.ts';
import { callCostMax, type Rule } from './rule.ts';
import type { RuleTree } from './rule-tree.ts';
import type { SchemaType } from './schema-type.ts';
import { Optional, optionalNone, type Value } from './values.ts';

/** The budget of all rules of one object: about a second of upstream's time. */
const objectCostMax = 10_000_000;

/** A value and what it was before an update, if that can be told. */
type Place = { readonly at: string; readonly value: Json; readonly old: Json | undefined; readonly correlated: Correlated };

/** The nearest value, from here up, that has a counterpart in the old object: if that did not change, its mistakes may stay. */
type Correlated = {
  readonly value: Json;
  readonly old: Json | undefined;
  readonly parent: { readonly value: Json; readonly old: Json } | undefined;
};

/**
 * What an object that is sound by its schema violates of the schema's rules. `old`: what it was before an update;
 * rules that look at oldSelf run only where there is one. Source: apiextensions pkg/apiserver/schema/cel.
 */
export function ruleViolations(tree: RuleTree, object: JsonObject, old: JsonObject | undefined): readonly StatusCause[] {
  const run = new Run();
  run.visit(tree, { at: '', value: object, old, correlated: { value: object, old, parent: undefined } });
  return run.causes;
}

class Run {
  readonly causes: StatusCause[] = [];
  #budget = objectCostMax;

  visit(tree: RuleTree, place: Place): void {
    if (this.#budget < 0 || place.value === null) return;
    if (tree.type && tree.rules.length > 0) this.#checkAll(tree.rules, tree.type, tree.typeName, place);
    if (isJsonList(place.value)) this.#items(tree, place, place.value);
    else if (isJsonObject(place.value)) this.#fields(tree, place, place.value);
  }

  #fields(tree: RuleTree, place: Place, value: JsonObject): void {
    if (tree.properties.size === 0 && tree.additional === undefined) return;
    const before = isJsonObject(place.old) ? place.old : {};
    for (const key of Object.keys(value)) {
      const below = tree.properties.get(key) ?? tree.additional;
      const field = value[key];
      if (below === undefined || field === undefined) continue;
      const at = tree.properties.has(key) ? fieldOf(place.at, key) : `${place.at}[${key}]`;
      const old = Object.hasOwn(before, key) ? before[key] : undefined;
      this.visit(below, { at, value: field, old, correlated: correlatedBelow(place.correlated, field, key) });
    }
  }

  #items(tree: RuleTree, place: Place, value: readonly Json[]): void {
    const { items, listKeys } = tree;
    if (items === undefined) return;
    const rule = listKeys && ({ type: 'map', keys: listKeys } as const);
    const before = place.old ?? null;
    for (let index = 0; index < value.length; index++) {
      const item = value[index] ?? null;
      const old = correlatedItem(rule, item, before);
      const correlated = correlatedItemBelow(place.correlated, item, old);
      this.visit(items, { at: `${place.at}[${index}]`, value: item, old, correlated });
    }
  }

  #checkAll(rules: readonly Rule[], type: SchemaType, typeName: string, place: Place): void {
    const self = valueOf(place.value, type);
    const oldSelf = place.old === undefined || place.old === null ? undefined : valueOf(place.old, type);
    for (const rule of rules) {
      if (rule.usesOldSelf && oldSelf === undefined && !rule.optionalOldSelf) continue;
      if (this.#budget <= 0) {
        this.#exhaust(place, typeName, 'validation failed due to running out of cost budget, no further validation rules will be run');
        return;
      }
      const optional = oldSelf === undefined ? optionalNone : new Optional(oldSelf);
      const values = [self, rule.optionalOldSelf ? optional : (oldSelf ?? null)];
      if (!this.#check(rule, values, typeName, place)) return;
    }
  }

  /** False: the budget is gone, nothing more is run. */
  #check(rule: Rule, values: readonly Value[], typeName: string, place: Place): boolean {
    const { compiled, title } = rule;
    if (!compiled.ok) {
      this.#report(place, typeName, `rule compile error: ${compileProblem(compiled.problem)}`);
      return true;
    }
    const answer = this.#evaluate(compiled.program, values);
    if (answer.outcome === 'exceeded') {
      const cause = 'operation cancelled: actual cost limit exceeded';
      return this.#exhaust(
        place,
        typeName,
        `'${cause}': no further validation rules will be run due to call cost exceeds limit for rule: ${title}`,
      );
    }
    if (this.#budget < 0) {
      return this.#exhaust(place, typeName, 'validation failed due to running out of cost budget, no further validation rules will be run');
    }
    if (answer.outcome === 'error') this.#report(place, typeName, errorDetail(answer.message, title));
    else if (answer.value !== true && (rule.usesOldSelf || !unchanged(place.correlated)))
      return this.#violated(rule, values, typeName, place);
    return true;
  }

  #violated(rule: Rule, values: readonly Value[], typeName: string, place: Place): boolean {
    const { messageCompiled, messageText } = rule;
    const at = rulePlace(place.at, rule.path);
    const answer = messageCompiled?.ok ? this.#evaluate(messageCompiled.program, values) : undefined;
    if (answer?.outcome === 'exceeded') {
      const why = `no further validation rules will be run due to call cost exceeds limit for messageExpression: ${JSON.stringify(messageText)}`;
      return this.#exhaust({ ...place, at }, typeName, why);
    }
    if (this.#budget < 0) {
      const why = 'messageExpression evaluation failed due to running out of cost budget, no further validation rules will be run';
      return this.#exhaust({ ...place, at }, typeName, why);
    }
    this.causes.push(violation(rule.reason, at, typeName, spokenMessage(answer) ?? rule.message));
    return true;
  }

  #evaluate(program: Program, values: readonly Value[]): Evaluation {
    const answer = evaluate(program, values, callCostMax);
    this.#budget -= answer.cost;
    return answer;
  }

  #report(place: Place, typeName: string, detail: string): void {
    this.causes.push(invalidValue(place.at === '' ? '<nil>' : place.at, typeName, detail));
  }

  #exhaust(place: Place, typeName: string, detail: string): false {
    this.#report(place, typeName, detail);
    this.#budget = -1;
    return false;
  }
}

function correlatedBelow(from: Correlated, value: Json, key: string): Correlated {
  if (from.old === undefined) return { value, old: undefined, parent: from.parent };
  // apiVersion and kind were made equal before; that they did not change says nothing.
  if (from.parent === undefined && (key === 'apiVersion' || key === 'kind')) return { value, old: undefined, parent: undefined };
  const old = isJsonObject(from.old) && Object.hasOwn(from.old, key) ? from.old[key] : undefined;
  return { value, old, parent: { value: from.value, old: from.old } };
}

function correlatedItemBelow(from: Correlated, value: Json, old: Json | undefined): Correlated {
  if (from.old === undefined) return { value, old: undefined, parent: from.parent };
  return { value, old, parent: { value: from.value, old: from.old } };
}

function unchanged({ value, old, parent }: Correlated): boolean {
  if (old !== undefined) return equalJson(old, value);
  return parent !== undefined && equalJson(parent.old, parent.value);
}

/** Upstream tells where the mistakes of a stored rule are; a schema with such a rule is refused before it is served. */
function compileProblem(problem: string): string {
  return problem.startsWith('ERROR: ') ? `compilation failed: ${problem}` : problem;
}

function errorDetail(message: string, title: string): string {
  if (!message.startsWith('no such overload')) return `${message} evaluating rule: ${title}`;
  return `'${message}': call arguments did not match a supported operator, function or macro signature for rule: ${title}`;
}

function rulePlace(at: string, path: string | undefined): string {
  if (path === undefined) return at === '' ? '<nil>' : at;
  return path.startsWith('[') ? `${at}${path}` : fieldOf(at, path);
}

const messageBytesMax = 5 * 1024;

/** What a messageExpression says, if it can be said in one line. */
function spokenMessage(answer: Evaluation | undefined): string | undefined {
  if (answer?.outcome !== 'value' || typeof answer.value !== 'string') return undefined;
  const message = answer.value.trim();
  return message === '' || message.includes('\n') || Buffer.byteLength(message) > messageBytesMax ? undefined : message;
}

function violation(reason: string | undefined, at: string, typeName: string, message: string): StatusCause {
  if (reason === 'FieldValueForbidden') return forbidden(at, message);
  if (reason === 'FieldValueRequired') return requiredValue(at, message);
  return reason === 'FieldValueDuplicate' ? duplicateValue(at, typeName) : invalidValue(at, typeName, message);
}
