import { authorize, mastersGroup, type AccessRules } from '#access';
import type { AccountState, KindRules } from '#account';
import { equalJson, goPlain, readBindingSpec, readPolicySpec, type KubeObject, type ServedKind, type StatusCause } from '#kube';
import { identityOf } from '../account-access.ts';
import type { Author } from '../workspaces.ts';
import { validatingAdmissionPolicies } from './admission-kinds.ts';

/** Who writes, what they may do in the workspace, and what it serves. */
export type ParamsReader = { readonly author: Author; readonly rules: AccessRules; readonly served: () => readonly ServedKind[] };

type ParamKind = { readonly apiVersion: string; readonly kind: string };

/**
 * Whoever has writes judged by parameters must be able to read these: what a policy says of them, it says to everybody.
 * Source: upstream pkg/registry/admissionregistration/validatingadmissionpolicy/authz.go.
 */
export function paramKindCauses(reader: ParamsReader, policy: KubeObject, old: KubeObject | undefined): readonly StatusCause[] {
  const { paramKind } = readPolicySpec(policy.spec);
  if (!paramKind || (old && equalJson(readPolicySpec(old.spec).paramKind, paramKind))) return [];
  if (allows(reader, { verb: 'get', ...namesOf(paramKind, reader).names, namespace: '*', name: '*' })) return [];
  const { kind, apiVersion } = paramKind;
  const message = `user ${userText(reader)} must have "get" permission on all objects of the referenced paramKind (kind=${kind}, apiVersion=${apiVersion})`;
  return [forbidden('spec.paramKind', message)];
}

/** Upstream compares addresses where it means to let pass what has not changed: each write of a binding with parameters is asked about. */
export function paramRefCauses(reader: ParamsReader, binding: KubeObject, account: AccountState): readonly StatusCause[] {
  const { paramRef, policyName } = readBindingSpec(binding.spec);
  if (!paramRef) return [];
  const verb = paramRef.name === '' ? 'list' : 'get';
  const { group, resource } = validatingAdmissionPolicies;
  const policy = account.find({ group, resource, namespace: '', name: policyName });
  const paramKind = policy && readPolicySpec(policy.object.spec).paramKind;
  const { names, isResolved } = namesOf(paramKind, reader);
  if (allows(reader, { verb, ...names, namespace: paramRef.namespace, name: paramRef.name })) return [];
  const who = `user ${userText(reader)} does not have "${verb}" permission`;
  const least = `to determine minimum required permissions and ${who} for all groups, versions and resources`;
  if (!policy) return [forbidden('spec.paramRef', `unable to get policy ${policyName} ${least}`)];
  if (paramKind && !isResolved)
    return [forbidden('spec.paramRef', `unable to resolve paramKind &{${paramKind.apiVersion} ${paramKind.kind}} ${least}`)];
  return [forbidden('spec.paramRef', `${who} on the object referenced by paramRef`)];
}

/** The same rules, asked with this once all else is sound. */
export function withReader(rules: KindRules, causes: NonNullable<KindRules['check']>): KindRules {
  return { ...rules, checkSound: (...asked) => ((rules.check?.(...asked) ?? []).length > 0 ? [] : causes(...asked)) };
}

/** Where nobody knows what is meant, everything is. */
function namesOf(paramKind: ParamKind | undefined, { served }: ParamsReader) {
  if (!paramKind) return { names: { group: '*', resource: '*' }, isResolved: false };
  const { apiVersion } = paramKind;
  const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
  const version = apiVersion.slice(apiVersion.indexOf('/') + 1);
  const kind = served().find(
    (known) =>
      known.kind === paramKind.kind && known.group === group && known.versions.some(({ name, served: is }) => is && name === version),
  );
  return { names: { group, resource: kind?.resource ?? '*' }, isResolved: kind !== undefined };
}

type Asked = {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly namespace: string;
  readonly name: string;
};

function allows({ author, rules }: ParamsReader, asked: Asked): boolean {
  return author.groups.includes(mastersGroup) || authorize(identityOf(author), asked, rules).type === 'allowed';
}

/** As Go prints a user. */
const userText = ({ author: { user, uid = '', groups, extra = {} } }: ParamsReader): string =>
  `&{${user} ${uid} ${goPlain(groups)} ${goPlain(extra)}}`;

const forbidden = (field: string, detail: string): StatusCause => ({
  reason: 'FieldValueForbidden',
  field,
  message: `Forbidden: ${detail}`,
});
