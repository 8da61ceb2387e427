import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../json.ts';
import type { KubeObject } from '../kube-object.ts';
import { compileSchema } from '../schema/compile-schema.ts';
import type { StatusCause } from '../status-failure.ts';
import { bindingCauses } from './check-binding.ts';
import { policyCauses } from './check-policy.ts';
import { compiledPolicy } from './compile-policy.ts';
import { evaluatePolicy, type PolicyDecision } from './evaluate-policy.ts';
import { readPolicySpec } from './policy-spec.ts';
import { policyInput } from './policy-variables.ts';
import type { Write } from './write.ts';

/** Policies, bindings and writes, and what Kubernetes' own code said of them; written by test/conformance/policy-vectors. */
type Case = {
  readonly name: string;
  readonly policy?: JsonObject;
  readonly old?: JsonObject;
  readonly binding?: JsonObject;
  readonly writes?: readonly CaseWrite[];
};
type CaseWrite = {
  readonly operation: Write['operation'];
  readonly name: string;
  readonly object?: KubeObject;
  readonly oldObject?: KubeObject;
  readonly params?: KubeObject;
  readonly dryRun?: boolean;
};
type Answer = {
  readonly name: string;
  readonly refused: readonly string[];
  readonly writes: readonly { readonly decisions: readonly string[]; readonly annotations: readonly string[] }[];
};

const read = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../../../test/conformance/policy-vectors/${name}`, import.meta.url), 'utf8'));
const cases = read('cases.json') as readonly Case[];
const answers = new Map((read('answers.json') as readonly Answer[]).map((answer) => [answer.name, answer]));

describe('policies and bindings, declared', () => {
  it.each(cases.map((each) => [each.name, each] as const))('%s', (name, { policy, old, binding }) => {
    const causes = binding ? bindingCauses(defaulted(binding)) : policyCauses('p', defaulted(policy), old && defaulted(old));
    expect(texts(causes)).toEqual(answers.get(name)?.refused.map(comparable));
  });
});

describe('policies, asked about writes', () => {
  const accepted = cases.filter(({ name }) => answers.get(name)?.refused.length === 0);
  const asked = accepted.flatMap(({ name, policy, writes = [] }) => writes.map((write, index) => [name, index, policy, write] as const));
  it.each(asked)('%s: %i', (name, index, policy, write) => {
    const spec = readPolicySpec(defaulted(policy));
    const input = policyInput(writeOf(write), widgets, write.params);
    const { decisions, annotations } = evaluatePolicy(spec, compiledPolicy(spec), input, { left: Infinity });
    const noted = annotations.map((note) => (note.type === 'publish' ? `${note.key}=${note.value}` : `error: ${note.message}`));
    const answer = answers.get(name)?.writes[index];
    expect({ decisions: decisions.map(decisionText), annotations: noted }).toEqual({
      decisions: answer?.decisions,
      annotations: answer?.annotations,
    });
  });
});

function decisionText(decision: PolicyDecision): string {
  return decision.type === 'admit' ? 'admit' : `deny ${decision.reason ?? ''}: ${decision.message}`;
}

/** Upstream's parser lists what it expected. */
const comparable = (text: string): string => text.replace(/(Syntax error:)[^]*/, '$1');

function texts(causes: readonly StatusCause[]): readonly string[] {
  return causes.map(({ field, message }) => comparable(`${field}: ${message}`)).toSorted();
}

const widgets = { group: 'example.com', version: 'v1', resource: 'widgets', kind: 'Widget' } as const;
const namespace: KubeObject = {
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: 'n', labels: { tier: 'gold' }, uid: 'n-1' },
  spec: { finalizers: ['kubernetes'] },
  status: { phase: 'Active' },
};

function writeOf({ operation, name, object, oldObject, dryRun = false }: CaseWrite): Write {
  return {
    operation,
    requested: widgets,
    equivalents: () => [],
    subresource: '',
    namespace: 'n',
    name,
    user: { user: 'ann', uid: 'u-1', groups: ['devs'], extra: { team: ['a', 'b'] } },
    dryRun,
    options: { kind: 'CreateOptions', apiVersion: 'meta.k8s.io/v1', fieldManager: 'me' },
    object,
    oldObject,
    inVersion: (shown) => shown,
    namespaceObject: () => namespace,
    ask: ({ user }, { verb, ...asked }) => {
      const allowed = user === 'ann' && verb === 'get' && !('resource' in asked && asked.resource === 'secrets');
      return { allowed, reason: allowed ? 'granted' : '' };
    },
  };
}

const selector = { type: 'object', default: {}, 'x-kubernetes-preserve-unknown-fields': true };
const rules = {
  type: 'array',
  items: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true, properties: { scope: { type: 'string', default: '*' } } },
};
const match = {
  type: 'object',
  properties: {
    matchPolicy: { type: 'string', default: 'Equivalent' },
    namespaceSelector: selector,
    objectSelector: selector,
    resourceRules: rules,
    excludeResourceRules: rules,
  },
};
const defaults = compileSchema({
  type: 'object',
  'x-kubernetes-preserve-unknown-fields': true,
  properties: { failurePolicy: { type: 'string', default: 'Fail' }, matchConstraints: match, matchResources: match },
});

/** As the schemas of these kinds do it. */
const defaulted = (spec: JsonObject | undefined): Json => defaults.default(spec ?? {});
