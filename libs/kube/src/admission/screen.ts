import { labelsMatch } from '../selectors/label-selector.ts';
import { requirementsOf } from '../selectors/selector-object.ts';
import type { KubeObject } from '../kube-object.ts';
import { compiledPolicy } from './compile-policy.ts';
import { evaluatePolicy, type PolicyAnswer, type PolicyDecision, type Purse } from './evaluate-policy.ts';
import { matchResources } from './match-resources.ts';
import type { BindingSpec, ParamRef, PolicySpec } from './policy-spec.ts';
import { policyInput } from './policy-variables.ts';
import type { RequestedResource, Write } from './write.ts';

/** A ValidatingAdmissionPolicy and the bindings that name it. A policy without bindings says nothing. */
export type BoundPolicy = {
  readonly name: string;
  readonly spec: PolicySpec;
  readonly bindings: readonly { readonly name: string; readonly spec: BindingSpec }[];
};

export type Screening = {
  /** Why the write may not be done; undefined: it may. */
  readonly denial: Denial | undefined;
  readonly warnings: readonly string[];
  /** For the audit log, by upstream's keys. */
  readonly annotations: Readonly<Record<string, string>>;
};

export type Denial = { readonly reason: string; readonly message: string };

/** A kind that parameters are of, and those that are there now. */
export type ParamSource = { readonly namespaced: boolean; readonly objects: () => readonly KubeObject[] };
export type FindParams = (apiVersion: string, kind: string) => ParamSource | undefined;

/** All policies of a request together may cost half of what upstream lets one of them cost: many workspaces share a process. */
const requestCostMax = 5_000_000;

/** What a workspace's policies say of a write. Source: k8s.io/apiserver pkg/admission/plugin/policy/validating/dispatcher.go. */
export function screen(policies: readonly BoundPolicy[], write: Write, findParams: FindParams): Screening {
  const screener = new Screener(write, findParams);
  for (const policy of policies) screener.visit(policy);
  return screener.screening;
}

class Screener {
  readonly #write: Write;
  readonly #findParams: FindParams;
  readonly #purse: Purse = { left: requestCostMax };
  readonly #warnings: string[] = [];
  readonly #annotations: Record<string, string> = {};
  #denial: Denial | undefined;

  constructor(write: Write, findParams: FindParams) {
    this.#write = write;
    this.#findParams = findParams;
  }

  get screening(): Screening {
    return { denial: this.#denial, warnings: this.#warnings, annotations: this.#annotations };
  }

  visit(policy: BoundPolicy): void {
    const { spec, name, bindings } = policy;
    if (!spec.matchConstraints) return this.#misconfigured(policy, undefined, 'policy contained no match constraints, a required field');
    const match = matchResources(spec.matchConstraints, this.#write);
    if (match.type === 'no') return;
    if (match.type === 'fault') return this.#misconfigured(policy, undefined, match.message);
    const { paramKind } = spec;
    const source = paramKind && this.#findParams(paramKind.apiVersion, paramKind.kind);
    if (paramKind && !source)
      return this.#misconfigured(
        policy,
        undefined,
        `failed to find resource referenced by paramKind: '${kindText(paramKind.apiVersion, paramKind.kind)}'`,
      );
    const annotations = new Map<string, Set<string>>();
    for (const binding of bindings) this.#visitBinding(policy, binding, { as: match.as, source, annotations });
    for (const [key, values] of annotations) this.#annotations[`${name}/${key}`] = [...values].join(', ');
  }

  #visitBinding(policy: BoundPolicy, binding: BoundPolicy['bindings'][number], { as, source, annotations }: Matched): void {
    const { spec } = binding;
    const match = spec.matchResources && matchResources(spec.matchResources, this.#write);
    if (match?.type === 'no') return;
    if (match?.type === 'fault') return this.#misconfigured(policy, binding.name, match.message);
    const params = source && spec.paramRef ? collectParams(source, spec.paramRef, this.#write.namespace) : [undefined];
    if (typeof params === 'string') return this.#misconfigured(policy, binding.name, params);
    const compiled = compiledPolicy(policy.spec);
    for (const param of params) {
      const answer = evaluatePolicy(policy.spec, compiled, policyInput(this.#write, as, param), this.#purse);
      this.#take(answer, policy, binding, annotations);
    }
  }

  #take(
    { decisions, annotations }: PolicyAnswer,
    policy: BoundPolicy,
    binding: BoundPolicy['bindings'][number],
    published: Map<string, Set<string>>,
  ): void {
    for (const [index, decision] of decisions.entries()) if (decision.type === 'deny') this.#denied(decision, index, policy, binding);
    for (const annotation of annotations) {
      if (annotation.type === 'fault') this.#deny(policy.name, binding.name, annotation.message);
      else published.set(annotation.key, (published.get(annotation.key) ?? new Set()).add(cut(annotation.value)));
    }
  }

  #denied(
    { message, reason }: Extract<PolicyDecision, { type: 'deny' }>,
    expressionIndex: number,
    policy: BoundPolicy,
    { name, spec: { validationActions } }: BoundPolicy['bindings'][number],
  ): void {
    for (const action of validationActions) {
      if (action === 'Deny') this.#deny(policy.name, name, message, reason);
      else if (action === 'Warn')
        this.#warnings.push(`Validation failed for ValidatingAdmissionPolicy '${policy.name}' with binding '${name}': ${message}`);
      else if (action === 'Audit') {
        const failure = { message, policy: policy.name, binding: name, expressionIndex, validationActions };
        // The first one stands: upstream refuses to overwrite an annotation.
        this.#annotations['validation.policy.admission.k8s.io/validation_failure'] ??= JSON.stringify([failure]);
      }
    }
  }

  #misconfigured({ name, spec }: BoundPolicy, binding: string | undefined, problem: string): void {
    if (spec.failurePolicy === 'Ignore') return;
    this.#deny(name, binding, `failed to configure ${binding === undefined ? 'policy' : 'binding'}: ${problem}`);
  }

  /** The first denial is told. */
  #deny(policy: string, binding: string | undefined, message: string, reason = 'Invalid'): void {
    const by = binding === undefined ? '' : ` with binding '${binding}'`;
    this.#denial ??= { reason, message: `ValidatingAdmissionPolicy '${policy}'${by} denied request: ${message}` };
  }
}

type Matched = {
  readonly as: RequestedResource;
  readonly source: ParamSource | undefined;
  readonly annotations: Map<string, Set<string>>;
};

const annotationBytesMax = 10 * 1024;
const cut = (value: string): string =>
  Buffer.byteLength(value) > annotationBytesMax ? Buffer.from(value).subarray(0, annotationBytesMax).toString('utf8') : value;

function kindText(apiVersion: string, kind: string): string {
  return `${apiVersion.includes('/') ? apiVersion : `/${apiVersion}`}, Kind=${kind}`;
}

/** The parameter objects that a binding names, or why that cannot be told. */
function collectParams({ namespaced, objects }: ParamSource, ref: ParamRef, namespace: string): readonly KubeObject[] | string {
  if (!namespaced && ref.namespace !== '') return 'paramRef.namespace must not be provided for a cluster-scoped `paramKind`';
  const home = ref.namespace === '' ? namespace : ref.namespace;
  if (namespaced && home === '') return 'cannot use namespaced paramRef in policy binding that matches cluster-scoped resources';
  const requirements = ref.name === '' ? requirementsOf(ref.selector) : [];
  if (requirements === undefined) return 'one of name or selector must be provided';
  if (typeof requirements === 'string') return requirements;
  const params = objects().filter(
    ({ metadata }) =>
      (!namespaced || metadata.namespace === home) &&
      (ref.name === '' ? labelsMatch(requirements, metadata.labels ?? {}) : metadata.name === ref.name),
  );
  return params.length === 0 && ref.parameterNotFoundAction === 'Deny'
    ? 'no params found for policy binding with `Deny` parameterNotFoundAction'
    : params;
}
