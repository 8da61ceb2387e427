import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { KubeObject, ServedKind } from '#kube';
import type { House } from '../house.ts';
import { openRoot } from '../testing/open-root.ts';
import type { Author, Workspace } from '../workspaces.ts';
import { validatingAdmissionPolicies, validatingAdmissionPolicyBindings } from './admission-kinds.ts';
import { clusterRoleBindings, clusterRoles, roleBindings } from './rbac-kinds.ts';

const admin: Author = { user: 'ada', groups: ['system:masters'], userAgent: 'spec', fieldManager: 'spec', cause: 'spec' };
const write = { version: 'v1', dryRun: false, fieldValidation: 'Strict' as const, duplicateFields: [] };

let house: House;
let workspace: Workspace;

beforeEach(async () => {
  ({ house, workspace } = await openRoot({}, ['n']));
});
afterEach(() => house.close());

function create(kind: ServedKind, name: string, more: object = {}, author = admin) {
  const body: KubeObject = { apiVersion: `${kind.group}/v1`, kind: kind.kind, metadata: { name }, ...more };
  return workspace.create({ ...write, kind, namespace: kind.namespaced ? 'n' : '', body, author });
}
const done = { type: 'committed' };

describe('who writes what has parameters', () => {
  const ann: Author = { user: 'ann', groups: ['staff', 'system:authenticated'], userAgent: 'spec', fieldManager: 'spec', cause: 'spec' };
  const policySpec = {
    paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
    matchConstraints: { resourceRules: [{ apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['leases'] }] },
    validations: [{ expression: 'true' }],
  };
  const policy = (name: string, more: object = {}) => create(validatingAdmissionPolicies, name, { spec: { ...policySpec, ...more } }, ann);
  const binding = (paramRef: object, policyName = 'p') =>
    create(
      validatingAdmissionPolicyBindings,
      'b',
      { spec: { policyName, paramRef: { parameterNotFoundAction: 'Deny', ...paramRef }, validationActions: ['Deny'] } },
      ann,
    );
  const grant = async (rules: object, clusterWide = true) => {
    await create(clusterRoles, 'reads', { rules: [rules] });
    const bound = {
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'reads' },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'ann' }],
    };
    expect(await create(clusterWide ? clusterRoleBindings : roleBindings, 'reads', bound)).toMatchObject(done);
  };
  const who = 'user &{ann  [staff system:authenticated] map[]}';
  const refused = (field: string, message: string) => ({
    refusal: { type: 'ObjectInvalid', causes: [{ reason: 'FieldValueForbidden', field, message: `Forbidden: ${message}` }] },
  });

  it('may read all parameters of the policy’s kind', async () => {
    expect(await policy('p')).toMatchObject(
      refused(
        'spec.paramKind',
        `${who} must have "get" permission on all objects of the referenced paramKind (kind=ConfigMap, apiVersion=v1)`,
      ),
    );
    // What is wrong otherwise is told first.
    expect(await policy('p', { validations: [] })).toMatchObject({
      refusal: { causes: [{ field: 'spec.validations' }, { field: 'spec.auditAnnotations' }] },
    });
    await grant({ apiGroups: [''], resources: ['configmaps'], verbs: ['get'] });
    expect(await policy('p')).toMatchObject(done);
    expect(await policy('q', { paramKind: { apiVersion: 'example.com/v1', kind: 'Limit' } })).toMatchObject({ type: 'refused' });
  });

  it('is not asked again where the kind of the parameters stays', async () => {
    expect(await create(validatingAdmissionPolicies, 'p', { spec: policySpec })).toMatchObject(done);
    const patched = (spec: object) =>
      workspace.patch({
        ...write,
        author: ann,
        kind: validatingAdmissionPolicies,
        namespace: '',
        name: 'p',
        patch: { type: 'merge', patch: { spec }, duplicateFields: [] },
      });
    expect(await patched({ failurePolicy: 'Ignore' })).toMatchObject(done);
    expect(await patched({ paramKind: { kind: 'Secret' } })).toMatchObject({ refusal: { causes: [{ field: 'spec.paramKind' }] } });
  });

  it('may read the parameters that the binding means', async () => {
    expect(await binding({ name: 'limit' })).toMatchObject(
      refused(
        'spec.paramRef',
        `unable to get policy p to determine minimum required permissions and ${who} does not have "get" permission for all groups, versions and resources`,
      ),
    );
    await create(validatingAdmissionPolicies, 'p', { spec: policySpec });
    const none = refused('spec.paramRef', `${who} does not have "get" permission on the object referenced by paramRef`);
    expect(await binding({ name: 'limit' })).toMatchObject(none);
    await grant({ apiGroups: [''], resources: ['configmaps'], resourceNames: ['limit'], verbs: ['get', 'list'] }, false);
    expect(await binding({ name: 'limit' })).toMatchObject(none);
    expect(await binding({ name: 'other', namespace: 'n' })).toMatchObject(none);
    expect(await binding({ selector: {}, namespace: 'n' })).toMatchObject(
      refused('spec.paramRef', `${who} does not have "list" permission on the object referenced by paramRef`),
    );
    expect(await binding({ name: 'limit', namespace: 'n' })).toMatchObject(done);
  });

  it('reads everything where the kind of the parameters is not known', async () => {
    await create(validatingAdmissionPolicies, 'p', { spec: { ...policySpec, paramKind: { apiVersion: 'example.com/v1', kind: 'Limit' } } });
    expect(await binding({ name: 'limit' })).toMatchObject(
      refused(
        'spec.paramRef',
        `unable to resolve paramKind &{example.com/v1 Limit} to determine minimum required permissions and ${who} does not have "get" permission for all groups, versions and resources`,
      ),
    );
  });
});
