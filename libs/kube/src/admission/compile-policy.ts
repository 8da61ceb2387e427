import { compileText, type CompiledText } from '../cel/program.ts';
import { boolType, dynType, nullType, sameType, stringType, typeText, type CelType } from '../cel/types.ts';
import type { PolicySpec } from './policy-spec.ts';
import { variableTypes, type VariableChoice } from './policy-variables.ts';

/** A policy's expressions, made ready. */
export type CompiledPolicy = {
  readonly hasParams: boolean;
  readonly ignoresFailures: boolean;
  readonly variables: ReadonlyMap<string, CompiledText>;
  readonly matchConditions: readonly CompiledText[];
  readonly validations: readonly CompiledText[];
  /** Undefined where a validation has none. */
  readonly messages: readonly (CompiledText | undefined)[];
  readonly auditAnnotations: readonly CompiledText[];
};

/** Policies are few texts in many workspaces: what one text means is found out once. */
const known = new Map<string, CompiledPolicy>();
const knownMax = 1_000;

export function compiledPolicy(spec: PolicySpec): CompiledPolicy {
  const { failurePolicy, paramKind, variables, matchConditions, validations, auditAnnotations } = spec;
  const text = JSON.stringify([failurePolicy, paramKind !== undefined, variables, matchConditions, validations, auditAnnotations]);
  const found = known.get(text);
  if (found) return found;
  if (known.size >= knownMax) known.clear();
  const made = compilePolicy(spec);
  known.set(text, made);
  return made;
}

function compilePolicy(spec: PolicySpec): CompiledPolicy {
  const scope = new PolicyScope({ hasParams: spec.paramKind !== undefined, hasAuthorizer: true });
  const variables = new Map(spec.variables.map(({ name, expression }) => [name, scope.compose(name, expression)]));
  return {
    hasParams: spec.paramKind !== undefined,
    ignoresFailures: spec.failurePolicy === 'Ignore',
    variables,
    matchConditions: spec.matchConditions.map(({ expression }) => scope.compile(expression, [boolType])),
    validations: spec.validations.map(({ expression }) => scope.compile(expression, [boolType])),
    messages: spec.validations.map(({ messageExpression }) =>
      messageExpression === '' ? undefined : scope.compile(messageExpression, [stringType], false),
    ),
    auditAnnotations: spec.auditAnnotations.map(({ valueExpression }) => scope.compile(valueExpression, [stringType, nullType])),
  };
}

/** What the expressions of one policy may name. It grows with each variable: an expression sees those before it. */
export class PolicyScope {
  readonly #choice: Omit<VariableChoice, 'composed'>;
  #composed: ReadonlyMap<string, CelType> = new Map();

  constructor(choice: Omit<VariableChoice, 'composed'>) {
    this.#choice = choice;
  }

  compose(name: string, expression: string): CompiledText {
    const compiled = this.compile(expression, undefined);
    // Of a variable that does not compile, nothing is known but that it is there.
    this.#composed = new Map(this.#composed).set(name, compiled.ok ? compiled.result : dynType);
    return compiled;
  }

  /** `wanted`: one of these types exactly; undefined takes any. */
  compile(expression: string, wanted: readonly CelType[] | undefined, hasAuthorizer = this.#choice.hasAuthorizer): CompiledText {
    const compiled = compileText(expression, variableTypes({ ...this.#choice, hasAuthorizer, composed: this.#composed }));
    if (!compiled.ok) return { ok: false, problem: `compilation failed: ${compiled.problem}` };
    if (wanted === undefined || wanted.some((type) => sameType(compiled.result, type))) return compiled;
    const got = typeText(compiled.result);
    const [only] = wanted;
    const problem =
      only && wanted.length === 1
        ? `must evaluate to ${typeText(only)} but got ${got}`
        : `must evaluate to one of [${wanted.map((type) => (type === nullType ? 'null_type' : typeText(type))).join(' ')}] but got ${got}`;
    return { ok: false, problem };
  }
}
