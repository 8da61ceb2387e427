import type { KindRules } from '#account';
import { bindingCauses, policyCauses, typeWarnings, type JsonObject, type KubeObject, type ServedKind } from '#kube';

/** What upstream's validation asks of policies beyond their schema, and what it tells of their types. */
export function policyRules(served: () => readonly ServedKind[]): KindRules {
  const looked = (policy: KubeObject): JsonObject => ({ ...(policy.status as JsonObject | undefined), ...lookedAt(policy, served()) });
  return {
    check: ({ metadata, spec }, old) => policyCauses(metadata.name ?? '', spec, old?.spec),
    firstStatus: looked,
    revisedStatus: looked,
  };
}

function lookedAt({ metadata, spec }: KubeObject, served: readonly ServedKind[]): JsonObject {
  const expressionWarnings = typeWarnings(spec, served);
  return {
    observedGeneration: metadata.generation ?? 1,
    typeChecking: expressionWarnings.length > 0 ? { expressionWarnings } : {},
  };
}

export const admissionRules: readonly (readonly [string, KindRules])[] = [
  ['validatingadmissionpolicybindings.admissionregistration.k8s.io', { check: ({ spec }) => bindingCauses(spec) }],
];
