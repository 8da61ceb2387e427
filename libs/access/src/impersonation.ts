import type { AccessAttributes } from './access-attributes.ts';
import { authorize, type Authorization } from './authorize.ts';
import { anonymous, authenticatedGroup, type Identity } from './identity.ts';
import type { AccessRules } from './rbac/access-rules.ts';

/** Whom a request asks to act as, as its headers say it. */
export type Impersonation = {
  readonly user: string;
  readonly groups: readonly string[];
  readonly uid: string;
  readonly extra: Readonly<Record<string, readonly string[]>>;
};

export type ImpersonationHeaders =
  { readonly type: 'read'; readonly wanted: Impersonation } | { readonly type: 'malformed'; readonly message: string };

/**
 * Reads node's raw headers: the parsed ones have joined repeated groups with commas already.
 * https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation
 */
export function impersonationOf(rawHeaders: readonly string[]): ImpersonationHeaders {
  const users: string[] = [];
  const uids: string[] = [];
  const groups: string[] = [];
  const extra: Record<string, readonly string[]> = Object.create(null) as Record<string, readonly string[]>;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? '').toLowerCase();
    const value = rawHeaders[index + 1] ?? '';
    if (name === 'impersonate-user') users.push(value);
    else if (name === 'impersonate-uid') uids.push(value);
    else if (name === 'impersonate-group') groups.push(value);
    else if (name.startsWith(extraPrefix)) {
      const key = unescaped(name.slice(extraPrefix.length));
      if (key === undefined) return { type: 'malformed', message: `the name of the header ${JSON.stringify(name)} has a wrong escape` };
      extra[key] = [...(extra[key] ?? []), value];
    } else if (name.startsWith('impersonate-')) return { type: 'malformed', message: `unknown header ${JSON.stringify(name)}` };
  }
  const [user = ''] = users;
  if (user === '') return { type: 'malformed', message: 'impersonation needs an Impersonate-User header that names the user' };
  if (users.length > 1 || uids.length > 1)
    return { type: 'malformed', message: 'more than one Impersonate-User or Impersonate-Uid header' };
  return { type: 'read', wanted: { user, groups, uid: uids[0] ?? '', extra } };
}

const extraPrefix = 'impersonate-extra-';

function unescaped(key: string): string | undefined {
  try {
    return decodeURIComponent(key);
  } catch {
    return undefined;
  }
}

export type Impersonated =
  | { readonly type: 'impersonated'; readonly identity: Identity }
  /** `asked` is what was not granted. */
  | (Extract<Authorization, { type: 'denied' }> & { readonly asked: AccessAttributes });

/** Whether `real` may act as somebody else here: each value is asked for by itself, with the verb `impersonate`. */
export function impersonate(real: Identity, wanted: Impersonation, rules: AccessRules | undefined): Impersonated {
  const { user, uid, extra } = wanted;
  const account = serviceAccountOf(user);
  const given = groupsGivenTo(user, account?.namespace);
  for (const asked of askedFor(wanted)) {
    const decision = authorize(real, asked, rules);
    // What only the server gives is refused to everybody, in the words that anybody else hears.
    if (decision.type === 'denied') return { ...decision, asked };
    if (isReserved(asked, given)) return { ...denied(real, asked), asked };
  }
  return { type: 'impersonated', identity: { user, uid, groups: [...new Set([...wanted.groups, ...given])], extra } };
}

/** An identity without any right, to hear how it would be refused. */
function denied({ user }: Identity, asked: AccessAttributes): Extract<Authorization, { type: 'denied' }> {
  const decision = authorize({ user, uid: '', groups: [], extra: {} }, asked, undefined);
  if (decision.type === 'allowed') throw new Error('an identity without groups was allowed to impersonate');
  return decision;
}

/** Names of the server's own, except those that it would give to this user anyway. */
function isReserved(asked: AccessAttributes, given: readonly string[]): boolean {
  if (!('resource' in asked) || !asked.name.startsWith('system:')) return false;
  if (asked.resource === 'groups') return !given.includes(asked.name);
  return asked.resource === 'users' && asked.name !== anonymous.user;
}

function askedFor({ user, groups, uid, extra }: Impersonation): readonly AccessAttributes[] {
  const verb = 'impersonate';
  const account = serviceAccountOf(user);
  const core = { verb, group: '', namespace: '' };
  const authentication = { verb, group: 'authentication.k8s.io', namespace: '' };
  return [
    account ? { ...core, resource: 'serviceaccounts', ...account } : { ...core, resource: 'users', name: user },
    ...groups.map((name) => ({ ...core, resource: 'groups', name })),
    ...(uid === '' ? [] : [{ ...authentication, resource: 'uids', name: uid }]),
    ...Object.entries(extra).flatMap(([subresource, values]) =>
      values.map((name) => ({ ...authentication, resource: 'userextras', subresource, name })),
    ),
  ];
}

function serviceAccountOf(user: string): { readonly namespace: string; readonly name: string } | undefined {
  const match = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(user);
  return match ? { namespace: match[1] ?? '', name: match[2] ?? '' } : undefined;
}

/** The groups that the server adds for whoever proved to be this user. */
function groupsGivenTo(user: string, namespace: string | undefined): readonly string[] {
  if (user === anonymous.user) return anonymous.groups;
  if (namespace === undefined) return [authenticatedGroup];
  return ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, authenticatedGroup];
}
