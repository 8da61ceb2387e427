import { describe, expect, test } from 'vitest';
import type { Identity } from './identity.ts';
import { impersonate, type Impersonation } from './impersonation.ts';
import { accessRules } from './rbac/access-rules.ts';
import type { PolicyRule } from './rbac/rbac-objects.ts';

const ann: Identity = { user: 'ann', uid: '', groups: ['system:authenticated'], extra: {} };
const master: Identity = { ...ann, user: 'root', groups: ['system:masters', 'system:authenticated'] };
const wanted = (part: Partial<Impersonation>): Impersonation => ({ user: 'bob', groups: [], uid: '', extra: {}, ...part });

/** Ann's rules in a workspace. */
const rules = (...own: PolicyRule[]) =>
  accessRules({
    roles: [],
    clusterRoles: [{ metadata: { name: 'r' }, rules: own }],
    roleBindings: [],
    clusterRoleBindings: [
      { metadata: { name: 'b' }, roleRef: { kind: 'ClusterRole', name: 'r' }, subjects: [{ kind: 'User', name: 'ann' }] },
    ],
  });
const toImpersonate = (resource: string, name: string, apiGroup = ''): PolicyRule => ({
  verbs: ['impersonate'],
  apiGroups: [apiGroup],
  resources: [resource],
  resourceNames: [name],
});

test('who may act as somebody else has exactly their groups, and is authenticated', () => {
  expect(impersonate(ann, wanted({}), rules(toImpersonate('users', 'bob')))).toEqual({
    type: 'impersonated',
    identity: { user: 'bob', uid: '', groups: ['system:authenticated'], extra: {} },
  });
});

test('administrators lose what they were', () => {
  expect(impersonate(master, wanted({ groups: ['team'] }), undefined)).toMatchObject({
    identity: { groups: ['team', 'system:authenticated'] },
  });
});

describe('each value is asked for', () => {
  const users = toImpersonate('users', 'bob');
  test.each([
    [
      wanted({ user: 'eve' }),
      'users "eve" is forbidden: User "ann" cannot impersonate resource "users" in API group "" at the cluster scope',
    ],
    [
      wanted({ groups: ['team'] }),
      'groups "team" is forbidden: User "ann" cannot impersonate resource "groups" in API group "" at the cluster scope',
    ],
    [
      wanted({ uid: '7' }),
      'uids.authentication.k8s.io "7" is forbidden: User "ann" cannot impersonate resource "uids" in API group "authentication.k8s.io" at the cluster scope',
    ],
    [
      wanted({ extra: { scopes: ['all'] } }),
      'userextras.authentication.k8s.io "all" is forbidden: User "ann" cannot impersonate resource "userextras/scopes" in API group "authentication.k8s.io" at the cluster scope',
    ],
    [
      wanted({ user: 'system:serviceaccount:ci:bot' }),
      'serviceaccounts "bot" is forbidden: User "ann" cannot impersonate resource "serviceaccounts" in API group "" in the namespace "ci"',
    ],
  ])('%j', (asked, message) => {
    expect(impersonate(ann, asked, rules(users))).toMatchObject({ type: 'denied', status: 'Forbidden', message });
  });

  test('and granted where a rule names it', () => {
    const extra = { verbs: ['impersonate'], apiGroups: ['authentication.k8s.io'], resources: ['userextras/scopes'] };
    expect(
      impersonate(ann, wanted({ groups: ['team'], extra: { scopes: ['a', 'b'] } }), rules(users, toImpersonate('groups', 'team'), extra)),
    ).toMatchObject({ type: 'impersonated', identity: { groups: ['team', 'system:authenticated'], extra: { scopes: ['a', 'b'] } } });
  });
});

describe('what only the server gives', () => {
  const everything = rules({ verbs: ['*'], apiGroups: ['*'], resources: ['*'] });
  test.each(['system:masters', 'system:unauthenticated', 'system:serviceaccounts'])('the group %s is refused to everybody', (group) => {
    for (const identity of [ann, master])
      expect(impersonate(identity, wanted({ groups: [group] }), everything)).toMatchObject({
        type: 'denied',
        message: `groups "${group}" is forbidden: User "${identity.user}" cannot impersonate resource "groups" in API group "" at the cluster scope`,
      });
  });

  test('and so is a user of its own', () => {
    expect(impersonate(master, wanted({ user: 'system:tributary' }), everything)).toMatchObject({ type: 'denied' });
  });

  test('comes with a service account, and may be named then', () => {
    const groups = ['system:serviceaccounts', 'system:serviceaccounts:ci', 'system:authenticated'];
    const asked = wanted({ user: 'system:serviceaccount:ci:bot', groups: ['system:serviceaccounts:ci'] });
    const outcome = impersonate(ann, asked, everything);
    expect(outcome.type === 'impersonated' && new Set(outcome.identity.groups)).toEqual(new Set(groups));
    expect(impersonate(ann, wanted({ user: 'system:anonymous' }), everything)).toMatchObject({
      identity: { groups: ['system:unauthenticated'] },
    });
  });
});
