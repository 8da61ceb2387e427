import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AccessAttributes } from '../access-attributes.ts';
import { authorize, rulesFor } from '../authorize.ts';
import type { Identity } from '../identity.ts';
import { accessRules } from './access-rules.ts';
import { defaultClusterRoles, ownersBinding } from './default-roles.ts';
import type { PolicyRule, RbacObjects, Subject } from './rbac-objects.ts';

const identity = (user: string, ...groups: string[]): Identity => ({
  user,
  uid: '',
  groups: [...groups, 'system:authenticated'],
  extra: {},
});
const jane = identity('jane', 'team');
const toJane: Subject = { kind: 'User', name: 'jane' };
const nothing: RbacObjects = { roles: [], clusterRoles: [], roleBindings: [], clusterRoleBindings: [] };
const granted = (...rules: PolicyRule[]) =>
  accessRules({
    ...nothing,
    clusterRoles: [{ metadata: { name: 'r' }, rules }],
    clusterRoleBindings: [{ metadata: { name: 'b' }, roleRef: { kind: 'ClusterRole', name: 'r' }, subjects: [toJane] }],
  });
const asked = (verb: string, resource: string, name = '', subresource?: string): AccessAttributes => ({
  verb,
  group: 'example.com',
  resource,
  namespace: 'default',
  name,
  ...(subresource === undefined ? {} : { subresource }),
});
const rule = (part: Partial<PolicyRule>): PolicyRule => ({ verbs: ['get'], apiGroups: ['example.com'], resources: ['widgets'], ...part });

describe('a rule', () => {
  test.each<[string, PolicyRule, AccessAttributes, boolean]>([
    ['grants its verb', rule({}), asked('get', 'widgets', 'a'), true],
    ['grants no other', rule({}), asked('list', 'widgets'), false],
    ['grants any by a star', rule({ verbs: ['*'] }), asked('escalate', 'widgets'), true],
    ['is about its groups', rule({ apiGroups: [''] }), asked('get', 'widgets'), false],
    ['is about all groups by a star', rule({ apiGroups: ['*'] }), asked('get', 'widgets'), true],
    ['does not reach subresources', rule({}), asked('get', 'widgets', 'a', 'status'), false],
    ['reaches a subresource that it names', rule({ resources: ['widgets/status'] }), asked('get', 'widgets', 'a', 'status'), true],
    ['reaches a subresource of all', rule({ resources: ['*/scale'] }), asked('get', 'widgets', 'a', 'scale'), true],
    ['of one subresource is not about another', rule({ resources: ['*/scale'] }), asked('get', 'widgets', 'a', 'status'), false],
    ['of one subresource is not about the resource', rule({ resources: ['*/scale'] }), asked('get', 'widgets', 'a'), false],
    ['with a star reaches all', rule({ resources: ['*'] }), asked('get', 'widgets', 'a', 'status'), true],
    ['with names is about those', rule({ resourceNames: ['a'] }), asked('get', 'widgets', 'a'), true],
    ['with names is not about others', rule({ resourceNames: ['a'] }), asked('get', 'widgets', 'b'), false],
    ['with names is not about all', rule({ verbs: ['list'], resourceNames: ['a'] }), asked('list', 'widgets'), false],
    ['of a path', { verbs: ['get'], nonResourceURLs: ['/x'] }, { verb: 'get', nonResourcePath: '/x' }, true],
    ['of a path is not about what is below', { verbs: ['get'], nonResourceURLs: ['/x'] }, { verb: 'get', nonResourcePath: '/x/y' }, false],
    ['of paths', { verbs: ['get'], nonResourceURLs: ['/x/*'] }, { verb: 'get', nonResourcePath: '/x/y/z' }, true],
    ['of resources is not about paths', rule({ resources: ['*'] }), { verb: 'get', nonResourcePath: '/x' }, false],
  ])('%s', (_, own, attributes, allowed) => {
    expect(authorize(jane, attributes, granted(own)).type).toBe(allowed ? 'allowed' : 'denied');
  });
});

describe('the reason is told in upstream’s words', () => {
  const role = { metadata: { name: 'r', namespace: 'default' }, rules: [rule({})] };
  const roleRef = { kind: 'Role', name: 'r' };
  const bound = (...subjects: Subject[]) =>
    accessRules({ ...nothing, roles: [role], roleBindings: [{ metadata: { name: 'b', namespace: 'default' }, roleRef, subjects }] });
  const bot = identity('system:serviceaccount:default:bot');

  test.each<[string, Identity, ReturnType<typeof accessRules>]>([
    ['RBAC: allowed by ClusterRoleBinding "b" of ClusterRole "r" to User "jane"', jane, granted(rule({}))],
    ['RBAC: allowed by RoleBinding "b/default" of Role "r" to User "jane"', jane, bound(toJane)],
    ['RBAC: allowed by RoleBinding "b/default" of Role "r" to Group "team"', jane, bound({ kind: 'Group', name: 'team' })],
    [
      'RBAC: allowed by RoleBinding "b/default" of Role "r" to ServiceAccount "bot/default"',
      bot,
      bound({ kind: 'ServiceAccount', name: 'bot' }),
    ],
  ])('%s', (reason, who, rules) => {
    expect(authorize(who, asked('get', 'widgets', 'a'), rules)).toEqual({ type: 'allowed', reason });
  });

  test('a binding in a namespace is about that one', () => {
    const elsewhere = { ...asked('get', 'widgets', 'a'), namespace: 'other' };
    expect(authorize(jane, elsewhere, bound(toJane)).type).toBe('denied');
    expect(authorize(jane, { ...elsewhere, namespace: '' }, bound(toJane)).type).toBe('denied');
  });

  test('a binding to a role that is not there grants nothing, not even to enter', () => {
    const rules = accessRules({ ...nothing, clusterRoleBindings: [{ metadata: { name: 'b' }, roleRef, subjects: [toJane] }] });
    expect(rules.admits(jane)).toBe(false);
    expect(authorize(jane, { verb: 'get', nonResourcePath: '/apis' }, rules).type).toBe('denied');
  });
});

test('whoever has a rule may look around, whoever has none may not', () => {
  const apis = { verb: 'get', nonResourcePath: '/apis/example.com' } as const;
  expect(authorize(jane, apis, granted(rule({})))).toMatchObject({ type: 'allowed', reason: 'open to whoever may enter' });
  expect(authorize(identity('eve'), apis, granted(rule({}))).type).toBe('denied');
  expect(authorize(jane, apis).type).toBe('denied');
});

describe('the default roles', () => {
  const withOwner = accessRules({
    ...nothing,
    clusterRoles: [
      ...defaultClusterRoles([{ group: 'example.com', resources: ['widgets'] }]),
      { metadata: { name: 'more', labels: { 'rbac.authorization.k8s.io/aggregate-to-view': 'true' } }, rules: [rule({ verbs: ['peek'] })] },
    ],
    clusterRoleBindings: [
      ...[ownersBinding(['jane'])].filter((binding) => binding !== undefined),
      { metadata: { name: 'v' }, roleRef: { kind: 'ClusterRole', name: 'view' }, subjects: [{ kind: 'User', name: 'vic' }] },
      { metadata: { name: 'e' }, roleRef: { kind: 'ClusterRole', name: 'edit' }, subjects: [{ kind: 'User', name: 'ed' }] },
      { metadata: { name: 'a' }, roleRef: { kind: 'ClusterRole', name: 'admin' }, subjects: [{ kind: 'User', name: 'ada' }] },
    ],
  });
  const may = (user: string, attributes: AccessAttributes) => authorize(identity(user), attributes, withOwner).type === 'allowed';
  const secrets = { verb: 'get', group: '', resource: 'secrets', namespace: 'default', name: 'x' };
  const roles = { verb: 'create', group: 'rbac.authorization.k8s.io', resource: 'roles', namespace: 'default', name: '' };

  test.each<[string, boolean[]]>([
    // read an instance, order one, read a secret, write roles, whatever an aggregated role adds
    ['vic', [true, false, false, false, true]],
    ['ed', [true, true, true, false, true]],
    ['ada', [true, true, true, true, true]],
    ['jane', [true, true, true, true, true]],
    ['eve', [false, false, false, false, false]],
  ])('%s', (user, expected) => {
    const questions = [asked('get', 'widgets', 'a'), asked('create', 'widgets'), secrets, roles, asked('peek', 'widgets')];
    expect(questions.map((question) => may(user, question))).toEqual(expected);
  });

  test('nobody owns an account without owners', () => expect(ownersBinding([])).toBeUndefined());
});

/** Upstream's words, once more, as simply as they can be said: no index, no cache, no aggregation. */
function naively({ roles, clusterRoles, roleBindings, clusterRoleBindings }: RbacObjects, who: Identity, what: AccessAttributes): boolean {
  const has = (list: readonly string[] | undefined, value: string) => (list ?? []).some((item) => item === '*' || item === value);
  const grants = (own: PolicyRule): boolean => {
    if (!has(own.verbs, what.verb)) return false;
    if ('nonResourcePath' in what)
      return (own.nonResourceURLs ?? []).some((url) => new RegExp(`^${url.replaceAll('*', '.*')}$`).test(what.nonResourcePath));
    const full = what.subresource ? `${what.resource}/${what.subresource}` : what.resource;
    const reaches = (own.resources ?? []).some(
      (text) => text === '*' || text === full || (what.subresource && text === `*/${what.subresource}`),
    );
    const names = own.resourceNames ?? [];
    return has(own.apiGroups, what.group) && reaches && (names.length === 0 || names.some((name) => name === what.name));
  };
  return [...clusterRoleBindings, ...roleBindings].some(({ metadata, roleRef, subjects }) => {
    const { namespace } = metadata;
    if (namespace !== undefined && (!('namespace' in what) || what.namespace !== namespace)) return false;
    const role =
      roleRef.kind === 'ClusterRole'
        ? clusterRoles.find((other) => other.metadata.name === roleRef.name)
        : roles.find((other) => other.metadata.name === roleRef.name && other.metadata.namespace === namespace);
    const isAbout = (subjects ?? []).some(
      ({ kind, name, namespace: home = namespace }) =>
        (kind === 'User' && name === who.user) ||
        (kind === 'Group' && who.groups.includes(name)) ||
        (kind === 'ServiceAccount' && `system:serviceaccount:${home}:${name}` === who.user),
    );
    return isAbout && (role?.rules ?? []).some(grants);
  });
}

describe('the evaluator', () => {
  const some = <Value>(...values: Value[]) => fc.uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength: 2 });
  const ruleArbitrary = fc.oneof(
    fc.record({
      verbs: some('get', 'list', '*'),
      apiGroups: some('', 'example.com', '*'),
      resources: some('widgets', 'widgets/status', '*/status', '*', 'pods'),
      resourceNames: fc.option(some('a', 'b'), { nil: undefined }),
    }),
    fc.record({ verbs: some('get', 'list'), nonResourceURLs: some('/x', '/x/*', '*', '/y') }),
  ) as fc.Arbitrary<PolicyRule>;
  const namespaces = fc.constantFrom('default', 'other');
  const names = fc.constantFrom('r', 's');
  const subjects = fc.array(
    fc.constantFrom<Subject>(
      toJane,
      { kind: 'User', name: 'eve' },
      { kind: 'Group', name: 'team' },
      { kind: 'ServiceAccount', name: 'bot' },
      { kind: 'ServiceAccount', name: 'bot', namespace: 'other' },
    ),
    { maxLength: 2 },
  );
  const roleRef = (...kinds: string[]) => fc.record({ kind: fc.constantFrom(...kinds), name: names });
  const objects: fc.Arbitrary<RbacObjects> = fc.record({
    roles: fc.uniqueArray(
      fc.record({ metadata: fc.record({ name: names, namespace: namespaces }), rules: fc.array(ruleArbitrary, { maxLength: 2 }) }),
      { selector: ({ metadata }) => `${metadata.namespace}/${metadata.name}` },
    ),
    clusterRoles: fc.uniqueArray(fc.record({ metadata: fc.record({ name: names }), rules: fc.array(ruleArbitrary, { maxLength: 2 }) }), {
      selector: ({ metadata }) => metadata.name,
    }),
    roleBindings: fc.array(
      fc.record({ metadata: fc.record({ name: names, namespace: namespaces }), roleRef: roleRef('Role', 'ClusterRole'), subjects }),
      { maxLength: 3 },
    ),
    clusterRoleBindings: fc.array(fc.record({ metadata: fc.record({ name: names }), roleRef: roleRef('ClusterRole'), subjects }), {
      maxLength: 2,
    }),
  });
  const question: fc.Arbitrary<AccessAttributes> = fc.oneof(
    fc.record({
      verb: fc.constantFrom('get', 'list', 'delete'),
      group: fc.constantFrom('', 'example.com'),
      resource: fc.constantFrom('widgets', 'pods'),
      namespace: fc.constantFrom('', 'default', 'other'),
      name: fc.constantFrom('', 'a', 'b'),
    }),
    fc.record({
      verb: fc.constantFrom('get', 'list'),
      group: fc.constant('example.com'),
      resource: fc.constant('widgets'),
      subresource: fc.constantFrom('status', 'scale'),
      namespace: fc.constantFrom('', 'default', 'other'),
      name: fc.constantFrom('a', 'b'),
    }),
    fc.record({ verb: fc.constantFrom('get', 'list'), nonResourcePath: fc.constantFrom('/x', '/x/y', '/z') }),
  );
  const people = fc.constantFrom(jane, identity('eve'), identity('bob', 'team'), identity('system:serviceaccount:other:bot'));

  test('agrees with the naive one, and with the rules that it lists', () => {
    fc.assert(
      fc.property(objects, people, question, (state, who, what) => {
        const rules = accessRules(state);
        const decided = authorize(who, what, rules).type === 'allowed';
        expect(decided).toBe(naively(state, who, what));
        const listed = rulesFor(who, 'namespace' in what ? what.namespace : '', rules);
        const again = accessRules({
          ...nothing,
          clusterRoles: [{ metadata: { name: 'r' }, rules: listed }],
          clusterRoleBindings: [
            { metadata: { name: 'b' }, roleRef: { kind: 'ClusterRole', name: 'r' }, subjects: [{ kind: 'User', name: who.user }] },
          ],
        });
        expect(authorize(who, what, again).type === 'allowed').toBe(decided);
      }),
      { numRuns: 1_000 },
    );
  });
});
