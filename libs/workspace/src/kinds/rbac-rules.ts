import { rbacGroup, type Binding, type PolicyRule, type Subject } from '#access';
import type { KindRules } from '#account';
import { equalJson, type CauseReason, type KubeObject, type StatusCause } from '#kube';

/** What upstream's validation asks of roles and bindings beyond their schemas. */
export const rbacRules: readonly (readonly [string, KindRules])[] = [
  [`roles.${rbacGroup}`, { check: (role) => ruleCauses(role, true) }],
  [`clusterroles.${rbacGroup}`, { check: (role) => ruleCauses(role, false) }],
  [`rolebindings.${rbacGroup}`, { complete, check: (binding, old) => bindingCauses(binding, old, true) }],
  [`clusterrolebindings.${rbacGroup}`, { complete, check: (binding, old) => bindingCauses(binding, old, false) }],
];

const cause = (reason: CauseReason, field: string, message: string): StatusCause => ({ reason, field, message });
const required = (field: string, detail?: string): StatusCause =>
  cause('FieldValueRequired', field, detail === undefined ? 'Required value' : `Required value: ${detail}`);
const invalid = (field: string, value: unknown, detail: string): StatusCause =>
  cause('FieldValueInvalid', field, `Invalid value: ${JSON.stringify(value)}: ${detail}`);
const unsupported = (field: string, value: string, supported: readonly string[]): StatusCause =>
  cause(
    'FieldValueNotSupported',
    field,
    `Unsupported value: ${JSON.stringify(value)}: supported values: ${supported.map((text) => JSON.stringify(text)).join(', ')}`,
  );

function ruleCauses(role: KubeObject, namespaced: boolean): readonly StatusCause[] {
  return listOf<PolicyRule>(role['rules']).flatMap((rule, index) => {
    const field = `rules[${index}]`;
    const { verbs, apiGroups, resources, resourceNames, nonResourceURLs } = rule;
    const causes: StatusCause[] = [];
    if (!verbs?.length) causes.push(required(`${field}.verbs`, 'verbs must contain at least one value'));
    if (nonResourceURLs?.length) {
      if (namespaced)
        causes.push(invalid(`${field}.nonResourceURLs`, nonResourceURLs, 'namespaced rules cannot apply to non-resource URLs'));
      if (apiGroups?.length || resources?.length || resourceNames?.length)
        causes.push(
          invalid(`${field}.nonResourceURLs`, nonResourceURLs, 'rules cannot apply to both regular resources and non-resource URLs'),
        );
      return causes;
    }
    if (!apiGroups?.length) causes.push(required(`${field}.apiGroups`, 'resource rules must supply at least one api group'));
    if (!resources?.length) causes.push(required(`${field}.resources`, 'resource rules must supply at least one resource'));
    return causes;
  });
}

function bindingCauses(object: KubeObject, old: KubeObject | undefined, namespaced: boolean): readonly StatusCause[] {
  const { roleRef, subjects } = object as unknown as Binding;
  // A roleRef that is none is the schema's business.
  if (typeof roleRef !== 'object' || roleRef === null) return [];
  const causes: StatusCause[] = [];
  if (old && !equalJson(old['roleRef'], roleRef)) causes.push(invalid('roleRef', roleRef, 'cannot change roleRef'));
  if (roleRef.apiGroup !== rbacGroup) causes.push(unsupported('roleRef.apiGroup', roleRef.apiGroup ?? '', [rbacGroup]));
  const kinds = namespaced ? ['Role', 'ClusterRole'] : ['ClusterRole'];
  if (!kinds.includes(roleRef.kind)) causes.push(unsupported('roleRef.kind', roleRef.kind, kinds));
  if (!roleRef.name) causes.push(required('roleRef.name'));
  return [...causes, ...listOf<Subject>(subjects).flatMap((subject, index) => subjectCauses(subject, `subjects[${index}]`, namespaced))];
}

function subjectCauses({ kind, apiGroup = '', name, namespace }: Subject, field: string, namespaced: boolean): readonly StatusCause[] {
  const causes: StatusCause[] = [];
  if (!name) causes.push(required(`${field}.name`));
  switch (kind) {
    case 'ServiceAccount':
      if (apiGroup !== '') causes.push(unsupported(`${field}.apiGroup`, apiGroup, ['']));
      if (!namespaced && !namespace) causes.push(required(`${field}.namespace`));
      return causes;
    case 'User':
    case 'Group':
      if (apiGroup !== rbacGroup) causes.push(unsupported(`${field}.apiGroup`, apiGroup, [rbacGroup]));
      return causes;
    default:
      return [...causes, unsupported(`${field}.kind`, kind, ['Group', 'ServiceAccount', 'User'])];
  }
}

/** People leave out the API group of users and groups. */
function complete(binding: KubeObject): KubeObject {
  if (!Array.isArray(binding['subjects'])) return binding;
  const subjects = (binding['subjects'] as unknown as readonly Subject[]).map((subject) =>
    (subject.kind === 'User' || subject.kind === 'Group') && !subject.apiGroup ? { ...subject, apiGroup: rbacGroup } : subject,
  );
  return { ...binding, subjects } as KubeObject;
}

/** Lists may be null, as upstream's clients write them; a wrong type is the schema's business. */
const listOf = <Item>(value: unknown): readonly Item[] =>
  Array.isArray(value) ? (value as Item[]).filter((item) => typeof item === 'object' && item !== null) : [];
