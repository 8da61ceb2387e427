import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { tableColumns, tableRow, type JsonObject, type KubeObject, type ServedKind } from '#kube';
import type { House } from '../house.ts';
import { openRoot } from '../testing/open-root.ts';
import type { Author, CreateRequest, Patch, PatchedShape, Workspace } from '../workspaces.ts';
import { validatingAdmissionPolicies, validatingAdmissionPolicyBindings } from './admission-kinds.ts';
import { configMaps, leases } from './core-kinds.ts';
import { coreEvents, events } from './event-kinds.ts';
import { clusterRoles } from './rbac-kinds.ts';
import { namespaces } from './tenancy-kinds.ts';

const author: Author = { user: 'ada', groups: ['system:masters'], userAgent: 'spec', fieldManager: 'spec', cause: 'spec' };
const write = { version: 'v1', author, dryRun: false, fieldValidation: 'Strict' as const };

let house: House;
let workspace: Workspace;

beforeEach(async () => {
  ({ house, workspace } = await openRoot());
  await create(namespaces, 'n', { metadata: { name: 'n', labels: { tier: 'gold' } } });
});
afterEach(() => house.close());

const namespaceOf = (kind: ServedKind): string => (kind.namespaced ? 'n' : '');

function create(kind: ServedKind, name: string, more: object = {}, request: Partial<CreateRequest> = {}) {
  const apiVersion = kind.group === '' ? 'v1' : `${kind.group}/v1`;
  const body: KubeObject = { apiVersion, kind: kind.kind, metadata: { name }, ...more };
  return workspace.create({ ...write, kind, namespace: namespaceOf(kind), body, duplicateFields: [], ...request });
}

const patch = (kind: ServedKind, name: string, patch: Patch, dryRun = false) =>
  workspace.patch({ ...write, kind, namespace: namespaceOf(kind), name, patch, dryRun });
const merge = (patch: object): Patch => ({ type: 'merge', patch, duplicateFields: [] });
const remove = (kind: ServedKind, name: string, dryRun = false) =>
  workspace.delete({ kind, version: 'v1', namespace: namespaceOf(kind), name, author, dryRun, propagation: 'Background' });

const rule = (resource: string, more: object = {}) => ({
  apiGroups: ['*'],
  apiVersions: ['*'],
  operations: ['*'],
  resources: [resource],
  ...more,
});

/** A policy about ConfigMaps and a binding that puts it into force. */
async function inForce(spec: object, binding: object = {}, name = 'p'): Promise<void> {
  const whole = { matchConstraints: { resourceRules: [rule('configmaps')] }, ...spec };
  expect(await create(validatingAdmissionPolicies, name, { spec: whole })).toMatchObject({ type: 'committed' });
  const bound = { policyName: name, validationActions: ['Deny'], ...binding };
  expect(await create(validatingAdmissionPolicyBindings, `${name}-b`, { spec: bound })).toMatchObject({ type: 'committed' });
}

const must = (expression: string, more: object = {}) => ({ validations: [{ expression, ...more }] });
const denied = (message: string, reason = 'Invalid') => ({
  type: 'refused',
  refusal: { type: 'PolicyViolated', reason, message: `ValidatingAdmissionPolicy 'p' with binding 'p-b' denied request: ${message}` },
});
const done = { type: 'committed' };

describe('a policy in force', () => {
  it('judges what is created, changed, applied and deleted, and what is only tried', async () => {
    await inForce({
      validations: [
        { expression: "request.operation != 'CREATE' || object.data.a == '1'", message: 'a is 1' },
        {
          expression: "request.operation != 'UPDATE' || object.data.a == oldObject.data.a",
          messageExpression: "'stay ' + oldObject.data.a",
        },
        { expression: "request.operation != 'DELETE' || (object == null && oldObject.data.?gone.hasValue())", reason: 'Forbidden' },
      ],
    });
    expect(await create(configMaps, 'x', { data: { a: '2' } })).toMatchObject(denied('a is 1'));
    expect(await create(configMaps, 'x', { data: { a: '2' } }, { dryRun: true })).toMatchObject(denied('a is 1'));
    expect(await create(configMaps, 'x', { data: { a: '1' } })).toMatchObject(done);
    expect(await patch(configMaps, 'x', merge({ data: { a: '2' } }))).toMatchObject(denied('stay 1'));
    expect(await patch(configMaps, 'x', merge({ data: { a: '2' } }), true)).toMatchObject(denied('stay 1'));
    const config = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' }, data: { a: '3' } };
    expect(await patch(configMaps, 'x', { type: 'apply', config, force: true })).toMatchObject(denied('stay 1'));
    const other = { ...config, metadata: { name: 'y' } };
    expect(await patch(configMaps, 'y', { type: 'apply', config: other, force: true })).toMatchObject(denied('a is 1'));
    const expression = "failed expression: request.operation != 'DELETE' || (object == null && oldObject.data.?gone.hasValue())";
    expect(await remove(configMaps, 'x')).toMatchObject(denied(expression, 'Forbidden'));
    expect(await remove(configMaps, 'x', true)).toMatchObject(denied(expression, 'Forbidden'));
    expect(await patch(configMaps, 'x', merge({ data: { gone: '' } }))).toMatchObject(done);
    expect(await remove(configMaps, 'x')).toMatchObject({ type: 'removed' });
  });

  it('holds from the moment it is written until the moment it is deleted, for what waits in the same batch too', async () => {
    await inForce(must('false', { message: 'never' }));
    const [deleted, after] = await Promise.all([remove(validatingAdmissionPolicyBindings, 'p-b'), create(configMaps, 'x')]);
    expect([deleted, after]).toMatchObject([{ type: 'removed' }, done]);
    const spec = { policyName: 'p', validationActions: ['Deny'] };
    const outcomes = await Promise.all([create(validatingAdmissionPolicyBindings, 'p-b', { spec }), create(configMaps, 'y')]);
    expect(outcomes).toMatchObject([done, denied('never')]);
  });

  it('says nothing without a binding, and nothing of policies', async () => {
    await inForce({ ...must('false'), matchConstraints: { resourceRules: [rule('*')] } });
    expect(await create(configMaps, 'x')).toMatchObject({ type: 'refused' });
    expect(
      await create(validatingAdmissionPolicies, 'q', { spec: { ...must('true'), matchConstraints: { resourceRules: [rule('*')] } } }),
    ).toMatchObject(done);
    expect(await remove(validatingAdmissionPolicyBindings, 'p-b')).toMatchObject({ type: 'removed' });
    expect(await create(configMaps, 'x')).toMatchObject(done);
  });

  it('is about Leases too, which stand on a side stream', async () => {
    await inForce({
      ...must("object.spec.holderIdentity == 'me'", { message: 'not me' }),
      matchConstraints: { resourceRules: [rule('leases')] },
    });
    expect(await create(leases, 'l', { spec: { holderIdentity: 'you' } })).toMatchObject(denied('not me'));
    expect(await create(leases, 'l', { spec: { holderIdentity: 'me' } })).toMatchObject(done);
  });
});

describe('a policy about a scale', () => {
  it('sees it, and not the object behind it', async () => {
    await inForce({
      ...must("request.kind.group == 'autoscaling' && request.subResource == 'scale' && object.replicas <= 2", { message: 'too many' }),
      matchConstraints: { resourceRules: [rule('configmaps/scale')] },
    });
    await create(configMaps, 'x', { data: { wanted: '1' } });
    const shape: PatchedShape = {
      kind: configMaps,
      endpoint: { subresource: 'scale', group: 'autoscaling', version: 'v1', kind: 'Scale' },
      show: ({ metadata, data }) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata, replicas: Number((data as JsonObject)['wanted']) }),
      keep: ({ replicas }, present) => ({ ...present, data: { wanted: String(replicas) } }),
    };
    const scale = (replicas: number) =>
      workspace.patch({
        ...write,
        kind: configMaps,
        namespace: 'n',
        name: 'x',
        fieldValidation: 'Ignore',
        shape,
        patch: merge({ replicas }),
      });
    expect(await scale(3)).toMatchObject(denied('too many'));
    expect(await scale(2)).toMatchObject(done);
    expect(await patch(configMaps, 'x', merge({ data: { wanted: '3' } }))).toMatchObject(done);
  });
});

describe('what a policy can see', () => {
  it.each([
    ["request.kind == request.requestKind && request.kind.kind == 'ConfigMap'"],
    ["request.resource.resource == 'configmaps' && request.resource.version == 'v1' && request.resource.group == ''"],
    ["request.name == 'x' && request.namespace == 'n' && !request.dryRun && request.options.kind == 'CreateOptions'"],
    ["request.userInfo.username == 'ada' && 'system:masters' in request.userInfo.groups"],
    ["namespaceObject.metadata.labels.tier == 'gold' && namespaceObject.status.phase == 'Active'"],
    ['oldObject == null && object.metadata.uid.size() == 36 && type(object.metadata.creationTimestamp) == string'],
    ["authorizer.group('').resource('configmaps').namespace('n').check('create').allowed()"],
    ["authorizer.requestResource.check('update').allowed() && authorizer.path('/x').check('get').reason() == ''"],
    ["!authorizer.serviceAccount('n', 'robot').requestResource.check('get').allowed() || true"],
    ["!authorizer.serviceAccount('n', 'robot').group('').resource('configmaps').check('get').allowed()"],
    ['variables.sum == 6 && variables.names == ["a", "b"]'],
  ])('%s', async (expression) => {
    const refused = await create(validatingAdmissionPolicies, 'p', {
      spec: {
        matchConstraints: { resourceRules: [rule('configmaps')] },
        variables: [
          { name: 'names', expression: 'object.data.map(k, k)' },
          { name: 'sum', expression: 'variables.names.map(n, int(object.data[n])).sum()' },
        ],
        ...must(expression),
      },
    });
    if (expression.includes(".requestResource.check('get')")) return expect(refused).toMatchObject({ type: 'refused' });
    expect(refused).toMatchObject(done);
    await create(validatingAdmissionPolicyBindings, 'p-b', { spec: { policyName: 'p', validationActions: ['Deny'] } });
    expect(await create(configMaps, 'x', { data: { a: '2', b: '4' } })).toMatchObject(done);
  });
});

describe('what a policy is about', () => {
  const never = must('false', { message: 'never' });
  const constrained = (matchConstraints: object, binding: object = {}) => inForce({ ...never, matchConstraints }, binding);
  const outcomeOf = async (kind: ServedKind, more: object = {}) => (await create(kind, 'x', more)).type;

  it.each<readonly [string, object, string]>([
    ['by its resource', { resourceRules: [rule('secrets')] }, 'committed'],
    ['by wildcards', { resourceRules: [rule('*')] }, 'refused'],
    ['by group', { resourceRules: [rule('*', { apiGroups: ['apps'] })] }, 'committed'],
    ['by version', { resourceRules: [rule('*', { apiVersions: ['v2'] })], matchPolicy: 'Exact' }, 'committed'],
    ['by operation', { resourceRules: [rule('*', { operations: ['UPDATE', 'DELETE'] })] }, 'committed'],
    ['by subresource only', { resourceRules: [rule('configmaps/status')] }, 'committed'],
    ['by any subresource', { resourceRules: [rule('configmaps/*')] }, 'refused'],
    ['by scope', { resourceRules: [rule('*', { scope: 'Cluster' })] }, 'committed'],
    ['by name', { resourceRules: [rule('*', { resourceNames: ['y'] })] }, 'committed'],
    [
      'but for an exclusion',
      { resourceRules: [rule('*')], excludeResourceRules: [rule('configmaps', { resourceNames: ['x'] })] },
      'committed',
    ],
    ['by the labels of its namespace', { resourceRules: [rule('*')], namespaceSelector: { matchLabels: { tier: 'gold' } } }, 'refused'],
    [
      'by the labels of another namespace',
      { resourceRules: [rule('*')], namespaceSelector: { matchExpressions: [{ key: 'tier', operator: 'NotIn', values: ['gold'] }] } },
      'committed',
    ],
    ['by its labels', { resourceRules: [rule('*')], objectSelector: { matchLabels: { app: 'web' } } }, 'committed'],
  ])('is told %s', async (_, matchConstraints, outcome) => {
    await constrained(matchConstraints);
    expect(await outcomeOf(configMaps)).toBe(outcome);
  });

  it.each([
    ['v1', '', coreEvents, "object.message == 'told' && request.resource.group == '' && request.kind.version == 'v1'"],
    ['v1', '', events, "object.message == 'told' && request.resource.group == '' && request.requestResource.group == 'events.k8s.io'"],
    ['events.k8s.io', 'events.k8s.io', coreEvents, "object.note == 'told' && request.resource.group == 'events.k8s.io'"],
    ['events.k8s.io', 'events.k8s.io', events, "object.note == 'told' && request.requestResource.group == 'events.k8s.io'"],
  ])('of %s sees Events of either group in its own form', async (_, group, kind, expression) => {
    const matchConstraints = { resourceRules: [rule('events', { apiGroups: [group] })] };
    await inForce({ ...must(expression), matchConstraints }, { matchResources: matchConstraints });
    const told = (text: string) => {
      const about = { kind: 'ConfigMap', namespace: 'n', name: 'c' };
      return kind === events ? { regarding: about, note: text } : { involvedObject: about, message: text };
    };
    expect(await create(kind, 'good', told('told'))).toMatchObject(done);
    expect(await create(kind, 'bad', told('silent'))).toMatchObject({
      refusal: { type: 'PolicyViolated', key: { group: kind.group, resource: 'events' } },
    });
  });

  it('of one group is not asked about Events of the other where it must match exactly', async () => {
    const matchConstraints = { matchPolicy: 'Exact', resourceRules: [rule('events', { apiGroups: ['events.k8s.io'] })] };
    await inForce({ ...must('false'), matchConstraints }, { matchResources: matchConstraints });
    const about = { kind: 'ConfigMap', namespace: 'n', name: 'c' };
    expect(await create(coreEvents, 'e', { involvedObject: about })).toMatchObject(done);
    expect(await create(events, 'f', { regarding: about })).toMatchObject({ type: 'refused' });
    expect(await remove(events, 'e')).toMatchObject({ type: 'refused' });
    expect(await remove(coreEvents, 'e')).toMatchObject({ type: 'removed' });
  });

  it('is narrowed by the binding', async () => {
    await constrained({ resourceRules: [rule('*')] }, { matchResources: { resourceRules: [rule('clusterroles')] } });
    expect(await outcomeOf(configMaps)).toBe('committed');
    expect(await outcomeOf(clusterRoles, { rules: [] })).toBe('refused');
  });

  it('is what its conditions let pass', async () => {
    await inForce({
      ...never,
      matchConditions: [{ name: 'not-me', expression: "request.userInfo.username != 'ada'" }],
    });
    expect(await outcomeOf(configMaps)).toBe('committed');
  });

  it('sees a Namespace in itself', async () => {
    await constrained({ resourceRules: [rule('namespaces')], namespaceSelector: { matchLabels: { tier: 'lead' } } });
    const lead = { metadata: { name: 'x', labels: { tier: 'lead' } } };
    expect(await create(namespaces, 'x', lead)).toMatchObject(denied('never'));
    expect(await create(namespaces, 'y')).toMatchObject(done);
  });
});

describe('parameters', () => {
  const limited = {
    paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
    ...must("object.metadata.name.startsWith('l') || object.data.size() <= int(params.data.max)"),
  };
  const limit = (name: string, max: string, labels: object = {}) => create(configMaps, name, { metadata: { name, labels }, data: { max } });

  it('are found by name, in the namespace of the write', async () => {
    await limit('limit', '1');
    await inForce(limited, { paramRef: { name: 'limit', parameterNotFoundAction: 'Deny' } });
    expect(await create(configMaps, 'x', { data: { a: '', b: '' } })).toMatchObject({ type: 'refused' });
    expect(await create(configMaps, 'x', { data: { a: '' } })).toMatchObject(done);
  });

  it('are found by labels, and all of them count', async () => {
    await limit('l1', '5', { limits: 'yes' });
    await limit('l2', '1', { limits: 'yes' });
    await inForce(limited, { paramRef: { selector: { matchLabels: { limits: 'yes' } }, parameterNotFoundAction: 'Deny' } });
    expect(await create(configMaps, 'x', { data: { a: '', b: '' } })).toMatchObject({ type: 'refused' });
    expect(await create(configMaps, 'x', { data: { a: '' } })).toMatchObject(done);
  });

  it('that are missing deny or allow, as the binding says', async () => {
    await inForce(limited, { paramRef: { name: 'limit', parameterNotFoundAction: 'Allow' } });
    expect(await create(configMaps, 'x', { data: { a: '', b: '' } })).toMatchObject(done);
    await patch(validatingAdmissionPolicyBindings, 'p-b', merge({ spec: { paramRef: { parameterNotFoundAction: 'Deny' } } }));
    expect(await create(configMaps, 'y')).toMatchObject(
      denied('failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction'),
    );
  });

  it('of a kind that is not served are a mistake of the policy', async () => {
    await inForce(
      { ...limited, paramKind: { apiVersion: 'example.com/v1', kind: 'Limit' } },
      { paramRef: { name: 'a', parameterNotFoundAction: 'Allow' } },
    );
    const why = "failed to configure policy: failed to find resource referenced by paramKind: 'example.com/v1, Kind=Limit'";
    expect(await create(configMaps, 'x')).toMatchObject({ refusal: { message: `ValidatingAdmissionPolicy 'p' denied request: ${why}` } });
    await patch(validatingAdmissionPolicies, 'p', merge({ spec: { failurePolicy: 'Ignore' } }));
    expect(await create(configMaps, 'x')).toMatchObject(done);
  });
});

describe('what comes of a violation', () => {
  it('may be a warning and a note in the audit log', async () => {
    await inForce(
      {
        ...must('false', { message: 'never' }),
        auditAnnotations: [
          { key: 'seen', valueExpression: "'by ' + request.userInfo.username" },
          { key: 'no', valueExpression: 'null' },
        ],
      },
      { validationActions: ['Warn', 'Audit'] },
    );
    const failure = { message: 'never', policy: 'p', binding: 'p-b', expressionIndex: 0, validationActions: ['Warn', 'Audit'] };
    const said = {
      warnings: ["Validation failed for ValidatingAdmissionPolicy 'p' with binding 'p-b': never"],
      auditAnnotations: { 'p/seen': 'by ada', 'validation.policy.admission.k8s.io/validation_failure': JSON.stringify([failure]) },
    };
    expect(await create(configMaps, 'x')).toMatchObject({ ...done, ...said });
    expect(await patch(configMaps, 'x', merge({ data: { a: '' } }))).toMatchObject({ ...done, ...said });
    expect(await remove(configMaps, 'x')).toMatchObject({ type: 'removed', ...said });
  });

  it('is nothing where a policy that fails is to be ignored', async () => {
    await inForce({ failurePolicy: 'Ignore', ...must("object.data.missing == 'x'") });
    expect(await create(configMaps, 'x')).toMatchObject(done);
    await patch(validatingAdmissionPolicies, 'p', merge({ spec: { failurePolicy: 'Fail' } }));
    expect(await create(configMaps, 'y')).toMatchObject(
      denied("expression 'object.data.missing == 'x'' resulted in error: no such key: data"),
    );
  });

  it('comes in time, whatever a policy costs', async () => {
    const data = Object.fromEntries(Array.from({ length: 3_000 }, (_, index) => [`k${index}`, 'v']));
    const endless = 'object.data.all(a, object.data.all(b, object.data.all(c, a + b + c != "")))';
    await inForce({ validations: Array.from({ length: 40 }, () => ({ expression: endless })) });
    const began = performance.now();
    const outcome = await create(configMaps, 'x', { data });
    expect(outcome).toMatchObject(denied('validation failed due to running out of cost budget, no further validation rules will be run'));
    // Half a second on a machine of its own; unbounded, it would be days.
    expect(performance.now() - began).toBeLessThan(30_000);
  }, 60_000);
});

describe('a policy', () => {
  const causesOf = async (spec: JsonObject, kind = validatingAdmissionPolicies) => {
    const outcome = await create(kind, 'p', { spec });
    if (outcome.type !== 'refused' || outcome.refusal.type !== 'ObjectInvalid') throw new Error(`was ${outcome.type}`);
    return outcome.refusal.causes.map(({ field, message }) => `${field}: ${message}`);
  };

  it('must compile', async () => {
    expect(await causesOf({ matchConstraints: { resourceRules: [rule('*')] }, ...must('object.x == nope') } as JsonObject)).toEqual([
      `spec.validations[0].expression: Invalid value: "object.x == nope": compilation failed: ERROR: <input>:1:13: undeclared reference to 'nope' (in container '')\n | object.x == nope\n | ............^`,
    ]);
    expect(await causesOf({ matchConstraints: { resourceRules: [rule('*')] }, ...must('1') } as JsonObject)).toEqual([
      'spec.validations[0].expression: Invalid value: "1": must evaluate to bool but got int',
    ]);
  });

  it('has what it needs', async () => {
    expect(await causesOf({})).toEqual([
      'spec.matchConstraints: Required value',
      'spec.validations: Required value: validations or auditAnnotations must contain at least one item',
      'spec.auditAnnotations: Required value: validations or auditAnnotations must contain at least one item',
    ]);
    expect(await causesOf({}, validatingAdmissionPolicyBindings)).toEqual([
      'spec.policyName: Required value',
      'spec.validationActions: Required value: at least one validation action is required',
    ]);
  });

  it('is told which of its expressions do not fit the kinds they are about', async () => {
    const statusOf = async () =>
      (await workspace.get({ kind: validatingAdmissionPolicies, version: 'v1', namespace: '', name: 'p' }))?.object.status;
    const resourceRules = [
      { apiGroups: ['', 'coordination.k8s.io'], apiVersions: ['v1'], operations: ['*'], resources: ['configmaps', 'leases'] },
    ];
    await inForce({
      paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
      matchConstraints: { resourceRules },
      variables: [{ name: 'holder', expression: 'object.spec.holderIdentity' }],
      validations: [
        { expression: 'object.metadata.namespace == params.data.name && object.metadata.labels.all(l, l != "")' },
        { expression: 'variables.holder.size() > 0', messageExpression: 'string(object.data.x)' },
      ],
    });
    expect(await statusOf()).toEqual({
      observedGeneration: 1,
      typeChecking: {
        expressionWarnings: [
          {
            fieldRef: 'spec.validations[1].messageExpression',
            warning:
              "coordination.k8s.io/v1, Kind=Lease: ERROR: <input>:1:14: undefined field 'data'\n | string(object.data.x)\n | .............^\n",
          },
        ],
      },
    });
    await patch(validatingAdmissionPolicies, 'p', merge({ spec: { validations: [{ expression: 'has(object.metadata.name)' }] } }));
    expect(await statusOf()).toEqual({ observedGeneration: 2, typeChecking: {} });
  });

  it('has defaults, and is shown as upstream shows it', async () => {
    await inForce(must('true'));
    const { object } = (await workspace.get({ kind: validatingAdmissionPolicies, version: 'v1', namespace: '', name: 'p' })) ?? {};
    expect(object?.spec).toEqual({
      failurePolicy: 'Fail',
      matchConstraints: {
        matchPolicy: 'Equivalent',
        namespaceSelector: {},
        objectSelector: {},
        resourceRules: [{ ...rule('configmaps'), scope: '*' }],
      },
      validations: [{ expression: 'true' }],
    });
    const [version] = validatingAdmissionPolicies.versions;
    if (!version || !object) throw new Error('the policy is there');
    const columns = tableColumns(version);
    expect(columns.definitions.map(({ name }) => name)).toEqual(['Name', 'Validations', 'ParamKind', 'Age']);
    expect(tableRow(columns, object, 'None', { now: Date.now(), version: 'v1' }).cells.slice(0, 3)).toEqual(['p', 1, '<unset>']);
  });
});
