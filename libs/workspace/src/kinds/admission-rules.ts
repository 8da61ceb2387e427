import type { KindRules } from '#account';
import { bindingCauses, policyCauses } from '#kube';

/** What upstream's validation asks of policies and their bindings beyond their schemas. */
export const admissionRules: readonly (readonly [string, KindRules])[] = [
  [
    'validatingadmissionpolicies.admissionregistration.k8s.io',
    { check: ({ metadata, spec }, old) => policyCauses(metadata.name ?? '', spec, old?.spec) },
  ],
  ['validatingadmissionpolicybindings.admissionregistration.k8s.io', { check: ({ spec }) => bindingCauses(spec) }],
];
