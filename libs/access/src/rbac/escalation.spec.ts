import { describe, expect, test } from 'vitest';
import type { Identity } from '../identity.ts';
import { accessRules } from './access-rules.ts';
import { bindingEscalation, roleEscalation } from './escalation.ts';
import { rbacGroup, type PolicyRule } from './rbac-objects.ts';

const jane: Identity = { user: 'jane', uid: '', groups: ['team', 'system:authenticated'], extra: {} };
const master: Identity = { ...jane, groups: ['system:masters'] };
const widgets: PolicyRule = { verbs: ['get', 'list'], apiGroups: ['example.com'], resources: ['widgets'] };
const holding = (...rules: PolicyRule[]) =>
  accessRules({
    roles: [{ metadata: { name: 'keys', namespace: 'default' }, rules: [{ verbs: ['get'], apiGroups: [''], resources: ['secrets'] }] }],
    clusterRoles: [{ metadata: { name: 'own' }, rules }],
    roleBindings: [],
    clusterRoleBindings: [
      { metadata: { name: 'b' }, roleRef: { kind: 'ClusterRole', name: 'own' }, subjects: [{ kind: 'User', name: 'jane' }] },
    ],
  });
const role = (...rules: PolicyRule[]) => ({ metadata: { name: 'new', namespace: 'default' }, rules });
const write = (own: PolicyRule[], ...wanted: PolicyRule[]) =>
  roleEscalation({ identity: jane, rules: holding(...own) }, 'roles', role(...wanted), undefined);

describe('a role', () => {
  test('may grant what its writer holds, also in parts', () => {
    expect(write([widgets], widgets)).toBeUndefined();
    expect(write([widgets], { ...widgets, verbs: ['list'], resourceNames: ['a'] })).toBeUndefined();
    expect(write([{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }], { ...widgets, resources: ['widgets/status'] })).toBeUndefined();
    expect(write([{ ...widgets, resources: ['*/status'] }], { ...widgets, resources: ['widgets/status'] })).toBeUndefined();
    expect(
      write(
        [
          { ...widgets, verbs: ['get'] },
          { ...widgets, verbs: ['list'] },
        ],
        widgets,
      ),
    ).toBeUndefined();
  });

  test('may not grant more, and hears what is missing in upstream’s words', () => {
    const message = (...lines: string[]) =>
      `user "jane" (groups=["team" "system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n${lines.join('\n')}`;
    expect(write([widgets], { ...widgets, verbs: ['get', 'delete', 'create'] })).toEqual({
      type: 'forbidden',
      message: message('{APIGroups:["example.com"], Resources:["widgets"], Verbs:["delete" "create"]}'),
    });
    expect(write([{ ...widgets, resourceNames: ['a'] }], { verbs: ['get'], nonResourceURLs: ['/x'] }, widgets)).toEqual({
      type: 'forbidden',
      message: message(
        '{APIGroups:["example.com"], Resources:["widgets"], Verbs:["get" "list"]}',
        '{NonResourceURLs:["/x"], Verbs:["get"]}',
      ),
    });
    expect(write([{ ...widgets, verbs: ['get'] }], { ...widgets, verbs: ['*'] })).toMatchObject({ type: 'forbidden' });
    expect(write([widgets], { ...widgets, resources: ['*'] })).toMatchObject({ type: 'forbidden' });
  });

  test('may grant anything by the verb escalate, or to administrators', () => {
    const escalate = { verbs: ['escalate'], apiGroups: [rbacGroup], resources: ['roles'] };
    expect(write([escalate], widgets)).toBeUndefined();
    expect(roleEscalation({ identity: master, rules: holding() }, 'roles', role(widgets), undefined)).toBeUndefined();
  });

  test('may be touched as long as its rules stay', () => {
    expect(roleEscalation({ identity: jane, rules: holding() }, 'roles', role(widgets), role(widgets))).toBeUndefined();
    expect(roleEscalation({ identity: jane, rules: holding() }, 'roles', role(widgets), role())).toMatchObject({ type: 'forbidden' });
  });

  test('may gather rules only by the hand of who holds them all', () => {
    const aggregating = { metadata: { name: 'new' }, aggregationRule: { clusterRoleSelectors: [{}] } };
    const everything = [
      { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
      { verbs: ['*'], nonResourceURLs: ['*'] },
    ];
    const by = (...own: PolicyRule[]) => roleEscalation({ identity: jane, rules: holding(...own) }, 'clusterroles', aggregating, undefined);
    expect(by(...everything)).toBeUndefined();
    expect(by({ verbs: ['get'], apiGroups: ['*'], resources: ['*'] })).toEqual({
      type: 'forbidden',
      message: 'must have cluster-admin privileges to use the aggregationRule',
    });
  });
});

describe('a binding', () => {
  const binding = (kind: string, name: string, user = 'eve') => ({
    metadata: { name: 'new', namespace: 'default' },
    roleRef: { kind, name },
    subjects: [{ kind: 'User', name: user }],
  });
  const bind = (own: PolicyRule[], kind: string, name: string) =>
    bindingEscalation({ identity: jane, rules: holding(...own) }, binding(kind, name), undefined);
  const secrets = { verbs: ['get'], apiGroups: [''], resources: ['secrets'] };

  test('may grant a role whose rules its writer holds', () => {
    expect(bind([secrets], 'Role', 'keys')).toBeUndefined();
    expect(bind([widgets], 'Role', 'keys')).toMatchObject({
      type: 'forbidden',
      message: expect.stringContaining('{APIGroups:[""], Resources:["secrets"], Verbs:["get"]}') as string,
    });
  });

  test('may grant any role by the verb bind, also one that is not there yet', () => {
    const right = { verbs: ['bind'], apiGroups: [rbacGroup], resources: ['roles'], resourceNames: ['keys', 'later'] };
    expect(bind([right], 'Role', 'keys')).toBeUndefined();
    expect(bind([right], 'Role', 'later')).toBeUndefined();
    expect(bind([right], 'ClusterRole', 'keys')).toEqual({ type: 'roleUnknown', resource: 'clusterroles', name: 'keys' });
  });

  test('is judged again when its subjects change', () => {
    const old = binding('Role', 'keys', 'bob');
    expect(bindingEscalation({ identity: jane, rules: holding() }, old, old)).toBeUndefined();
    expect(bindingEscalation({ identity: jane, rules: holding() }, binding('Role', 'keys'), old)).toMatchObject({ type: 'forbidden' });
  });
});
