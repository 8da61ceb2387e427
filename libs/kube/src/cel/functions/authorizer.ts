import { labelProblems, nameProblems } from '../../metadata/names.ts';
import { opaque, type CelType } from '../types.ts';
import { CelError, OpaqueValue, type Value } from '../values.ts';
import { member, type Overload } from './declare.ts';

/** Who asks. */
export type AskingUser = { readonly user: string; readonly groups: readonly string[] };

/** What is asked, in the terms of Kubernetes authorization. */
export type AccessQuestion =
  | {
      readonly verb: string;
      readonly group: string;
      readonly resource: string;
      readonly subresource: string;
      readonly namespace: string;
      readonly name: string;
    }
  | { readonly verb: string; readonly nonResourcePath: string };

export type AccessAnswer = { readonly allowed: boolean; readonly reason: string };

/** Judges by the rights of one moment. */
export type Ask = (user: AskingUser, question: AccessQuestion) => AccessAnswer;

type Resource = {
  readonly group: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
};

/** The variable `authorizer`. */
export function authorizerValue(user: AskingUser, ask: Ask): Value {
  return new Authorizer(user, ask);
}

/** The variable `authorizer.requestResource`. */
export function resourceCheckValue(user: AskingUser, ask: Ask, resource: Resource): Value {
  return new ResourceCheck(new Authorizer(user, ask), resource);
}

const named = (name: string): CelType => opaque(`kubernetes.authorization.${name}`);
const types = {
  authorizer: named('Authorizer'),
  path: named('PathCheck'),
  group: named('GroupCheck'),
  resource: named('ResourceCheck'),
  decision: named('Decision'),
};

/** Values that are only there to be asked: each is equal to itself. */
abstract class Receiver extends OpaqueValue {
  equals(other: OpaqueValue): boolean {
    return this === other;
  }
}

class Authorizer extends Receiver {
  readonly type = types.authorizer;
  readonly user: AskingUser;
  readonly ask: Ask;
  constructor(user: AskingUser, ask: Ask) {
    super();
    this.user = user;
    this.ask = ask;
  }
}

class PathCheck extends Receiver {
  readonly type = types.path;
  readonly of: Authorizer;
  readonly path: string;
  constructor(of: Authorizer, path: string) {
    super();
    this.of = of;
    this.path = path;
  }
}

class GroupCheck extends Receiver {
  readonly type = types.group;
  readonly of: Authorizer;
  readonly group: string;
  constructor(of: Authorizer, group: string) {
    super();
    this.of = of;
    this.group = group;
  }
}

class ResourceCheck extends Receiver {
  readonly type = types.resource;
  readonly of: Authorizer;
  readonly resource: Resource;
  constructor(of: Authorizer, resource: Resource) {
    super();
    this.of = of;
    this.resource = resource;
  }
  with(more: Partial<Resource>): ResourceCheck {
    return new ResourceCheck(this.of, { ...this.resource, ...more });
  }
}

class Decision extends Receiver {
  readonly type = types.decision;
  readonly answer: AccessAnswer;
  constructor(answer: AccessAnswer) {
    super();
    this.answer = answer;
  }
}

/**
 * Kubernetes' authorizer library. Rights here know no selectors, so that those that a check names narrow nothing: what is granted
 * is granted for all objects. Source: k8s.io/apiserver pkg/cel/library/authz.go.
 */
export const authorizerFunctions: readonly Overload[] = [
  member('path', 'authorizer_path', 'authorizer, string -> pathcheck', (of: Authorizer, path: string) =>
    path.trim() === '' ? new CelError('path must not be empty') : new PathCheck(of, path),
  ),
  member('group', 'authorizer_group', 'authorizer, string -> groupcheck', (of: Authorizer, group: string) => new GroupCheck(of, group)),
  member('serviceAccount', 'authorizer_serviceaccount', 'authorizer, string, string -> authorizer', serviceAccount),
  member('resource', 'groupcheck_resource', 'groupcheck, string -> resourcecheck', ({ of, group }: GroupCheck, resource: string) =>
    resource.trim() === ''
      ? new CelError('resource must not be empty')
      : new ResourceCheck(of, { group, resource, subresource: '', namespace: '', name: '' }),
  ),
  ...(['subresource', 'namespace', 'name'] as const).map((part) =>
    member(part, `resourcecheck_${part}`, 'resourcecheck, string -> resourcecheck', (check: ResourceCheck, text: string) =>
      check.with({ [part]: text }),
    ),
  ),
  ...['fieldSelector', 'labelSelector'].map((name) =>
    member(name, `authorizer_${name.toLowerCase()}`, 'resourcecheck, string -> resourcecheck', (check: ResourceCheck) => check),
  ),
  member('check', 'pathcheck_check', 'pathcheck, string -> decision', ({ of, path }: PathCheck, verb: string) =>
    decision(of, { verb, nonResourcePath: path }),
  ),
  member('check', 'resourcecheck_check', 'resourcecheck, string -> decision', ({ of, resource }: ResourceCheck, verb: string) =>
    decision(of, { verb, ...resource }),
  ),
  member('errored', 'decision_errored', 'decision -> bool', () => false),
  member('error', 'decision_error', 'decision -> string', () => ''),
  member('allowed', 'decision_allowed', 'decision -> bool', ({ answer }: Decision) => answer.allowed),
  member('reason', 'decision_reason', 'decision -> string', ({ answer }: Decision) => answer.reason),
];

const decision = ({ user, ask }: Authorizer, question: AccessQuestion): Decision => new Decision(ask(user, question));

function serviceAccount({ ask }: Authorizer, namespace: string, name: string): Value {
  if (nameProblems(name, 'dns1123subdomain').length > 0) return new CelError('Invalid service account name');
  if (labelProblems(namespace).length > 0) return new CelError('Invalid service account namespace');
  const groups = ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'];
  return new Authorizer({ user: `system:serviceaccount:${namespace}:${name}`, groups }, ask);
}
