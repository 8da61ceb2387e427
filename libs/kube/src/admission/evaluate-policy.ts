import { evaluate, type CompiledText } from '../cel/program.ts';
import { callCostMax } from '../cel/rule.ts';
import { CelError, typeNameOf, type Value } from '../cel/values.ts';
import type { CompiledPolicy } from './compile-policy.ts';
import type { PolicySpec } from './policy-spec.ts';
import { ComposedVariables, variableValues, type PolicyInput } from './policy-variables.ts';

/** What a policy says of one write and one parameter object. Source: k8s.io/apiserver pkg/admission/plugin/policy/validating. */
export type PolicyAnswer = {
  /** By validation; one alone where the policy could not be run. */
  readonly decisions: readonly PolicyDecision[];
  readonly annotations: readonly PolicyAnnotation[];
};

export type PolicyDecision =
  | { readonly type: 'admit' }
  /** `reason`: of the status; undefined where the policy failed, rather than the object. */
  | { readonly type: 'deny'; readonly message: string; readonly reason: string | undefined };

export type PolicyAnnotation =
  { readonly type: 'publish'; readonly key: string; readonly value: string } | { readonly type: 'fault'; readonly message: string };

/** Upstream's budgets: of a policy's validations and their messages, of its annotations, and of its conditions. */
const policyCostMax = 10_000_000;
const conditionsCostMax = 2_500_000;

const admit: PolicyDecision = { type: 'admit' };
const nothing: PolicyAnswer = { decisions: [], annotations: [] };

/** `purse` bounds what all policies of a request may cost together. */
export type Purse = { left: number };

export function evaluatePolicy(spec: PolicySpec, policy: CompiledPolicy, input: PolicyInput, purse: Purse): PolicyAnswer {
  const failed = (message: string): PolicyAnswer => ({ decisions: [failure(policy, message)], annotations: [] });
  // Upstream's conditions do not see the namespace.
  const match = matches(spec, policy, new Run(policy, { ...input, namespaceObject: null }, purse, conditionsCostMax));
  if (match === false) return nothing;
  if (match !== true) return policy.ignoresFailures ? nothing : failed(match);
  const run = new Run(policy, input, purse, policyCostMax);
  const results = spec.validations.map(({ expression }, index) => run.expression(policy.validations[index], expression));
  if (results.includes(spent)) return failed(spentText);
  const decisions = decide(spec, policy, run, results);
  const annotating = new Run(policy, input, purse, policyCostMax);
  const annotated = spec.auditAnnotations.map(({ valueExpression, key }, index) => {
    const result = annotating.expression(policy.auditAnnotations[index], valueExpression);
    return { key, valueExpression, result };
  });
  if (annotated.some(({ result }) => result === spent)) return failed(spentText);
  return { decisions, annotations: annotated.flatMap((each) => annotationOf(each, policy.ignoresFailures)) };
}

/** What comes of a policy that cannot say what it thinks. */
function failure({ ignoresFailures }: CompiledPolicy, message: string): PolicyDecision {
  return ignoresFailures ? admit : { type: 'deny', message, reason: undefined };
}

type Result =
  | { readonly type: 'value'; readonly value: Value }
  | { readonly type: 'error'; readonly message: string }
  /** Nothing more is run. */
  | { readonly type: 'spent' };

const spent: Result = { type: 'spent' };
const spentText = 'validation failed due to running out of cost budget, no further validation rules will be run';

/** Expressions that share one budget, and variables that are computed once. */
class Run {
  readonly #policy: CompiledPolicy;
  readonly #input: PolicyInput;
  readonly #purse: Purse;
  readonly #variables: ComposedVariables;
  #left: number;
  /** What variables have cost since the last expression ended. */
  #composedCost = 0;

  constructor(policy: CompiledPolicy, input: PolicyInput, purse: Purse, costMax: number) {
    this.#policy = policy;
    this.#input = input;
    this.#purse = purse;
    this.#left = costMax;
    this.#variables = new ComposedVariables([...policy.variables.keys()], (name) => this.#compute(name));
  }

  /** More of the same budget, for which variables are computed anew. */
  again(): Run {
    return new Run(this.#policy, this.#input, this.#purse, this.#left);
  }

  expression(compiled: CompiledText | undefined, text: string): Result {
    if (!compiled?.ok) return { type: 'error', message: `compilation error: ${compiled?.problem ?? ''}` };
    if (this.#left < 0) return spent;
    const answer = evaluate(compiled.program, this.#values(), callCostMax);
    this.#pay(answer.cost + this.#composedCost);
    this.#composedCost = 0;
    if (this.#left < 0) return spent;
    if (answer.outcome === 'value') return { type: 'value', value: answer.value };
    const why = answer.outcome === 'error' ? answer.message : 'operation cancelled: actual cost limit exceeded';
    return { type: 'error', message: `expression '${text}' resulted in error: ${why}` };
  }

  #pay(cost: number): void {
    this.#left -= cost;
    this.#purse.left -= cost;
    if (this.#purse.left < 0) this.#left = -1;
  }

  #values(): readonly Value[] {
    return variableValues(this.#input, this.#variables, this.#policy);
  }

  #compute(name: string): Value | undefined {
    const compiled = this.#policy.variables.get(name);
    if (compiled === undefined) return undefined;
    if (!compiled.ok) return new CelError(`composited variable ${JSON.stringify(name)} fails to compile: ${compiled.problem}`);
    const answer = evaluate(compiled.program, this.#values(), callCostMax);
    this.#composedCost += answer.cost;
    if (answer.outcome === 'value') return answer.value;
    const why = answer.outcome === 'error' ? answer.message : 'operation cancelled: actual cost limit exceeded';
    return new CelError(`composited variable ${JSON.stringify(name)} fails to evaluate: ${why}`);
  }
}

/** Whether all conditions hold, or why that cannot be told. One that does not, settles it, whatever the others are. */
function matches(spec: PolicySpec, policy: CompiledPolicy, run: Run): boolean | string {
  const results = spec.matchConditions.map(({ expression }, index) => run.expression(policy.matchConditions[index], expression));
  if (results.includes(spent)) return spentText;
  if (results.some((result) => result.type === 'value' && result.value === false)) return false;
  const faults = [...new Set(results.flatMap((result) => (result.type === 'error' ? [result.message] : [])))];
  if (faults.length === 0) return true;
  return faults.length === 1 ? (faults[0] ?? '') : `[${faults.join(', ')}]`;
}

function decide(spec: PolicySpec, policy: CompiledPolicy, run: Run, results: readonly Result[]): readonly PolicyDecision[] {
  const speaking = run.again();
  return results.map((result, index) => {
    const { message = '', messageExpression = '', expression = '', reason } = spec.validations[index] ?? {};
    if (result.type === 'error') return failure(policy, result.message);
    if (result.type === 'value' && result.value === true) return admit;
    const spoken = policy.messages[index] && speaking.expression(policy.messages[index], messageExpression);
    if (spoken === spent) return failure(policy, `failed messageExpression: ${spentText}`);
    const text = spokenMessage(spoken) || message.trim() || `failed expression: ${expression.trim()}`;
    return { type: 'deny', message: text, reason: reason ?? 'Invalid' };
  });
}

const messageBytesMax = 5 * 1024;

/** What a messageExpression says, if it can be said in one line; '' otherwise. */
function spokenMessage(result: Result | undefined): string {
  if (result?.type !== 'value' || typeof result.value !== 'string') return '';
  const message = result.value.trim();
  return message.includes('\n') || Buffer.byteLength(message) > messageBytesMax ? '' : message;
}

type Annotated = { readonly key: string; readonly valueExpression: string; readonly result: Result };

function annotationOf({ key, valueExpression, result }: Annotated, ignoresFailures: boolean): readonly PolicyAnnotation[] {
  if (result.type !== 'value') return ignoresFailures || result.type === 'spent' ? [] : [{ type: 'fault', message: result.message }];
  const { value } = result;
  if (value === null) return [];
  if (typeof value === 'string') return value.trim() === '' ? [] : [{ type: 'publish', key, value: value.trim() }];
  const message = `valueExpression '${valueExpression}' resulted in unsupported return type: ${typeNameOf(value)}. Return type must be either string or null.`;
  return [{ type: 'fault', message }];
}
