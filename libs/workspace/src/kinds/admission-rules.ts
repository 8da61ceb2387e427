import type { KindRules } from '#account';
import { bindingCauses, policyCauses, typeWarnings, type JsonObject, type KubeObject, type ServedKind } from '#kube';
import { paramKindCauses, paramRefCauses, withReader, type ParamsReader } from './params-access.ts';

/** What upstream's validation asks of policies beyond their schema, and what it tells of their types. */
export function policyRules(reader: ParamsReader): KindRules {
  const { served } = reader;
  const looked = (policy: KubeObject): JsonObject => ({ ...(policy.status as JsonObject | undefined), ...lookedAt(policy, served()) });
  const rules: KindRules = {
    check: ({ metadata, spec }, old) => policyCauses(metadata.name ?? '', spec, old?.spec),
    firstStatus: looked,
    revisedStatus: looked,
  };
  return withReader(rules, (policy, old) => paramKindCauses(reader, policy, old));
}

export const policyBindingRules = (reader: ParamsReader): KindRules =>
  withReader(bindingRules, (binding, _, account) => paramRefCauses(reader, binding, account));

const bindingRules: KindRules = { check: ({ spec }) => bindingCauses(spec) };

function lookedAt({ metadata, spec }: KubeObject, served: readonly ServedKind[]): JsonObject {
  const expressionWarnings = typeWarnings(spec, served);
  return {
    observedGeneration: metadata.generation ?? 1,
    typeChecking: expressionWarnings.length > 0 ? { expressionWarnings } : {},
  };
}

export const admissionRules: readonly (readonly [string, KindRules])[] = [
  ['validatingadmissionpolicybindings.admissionregistration.k8s.io', bindingRules],
];
