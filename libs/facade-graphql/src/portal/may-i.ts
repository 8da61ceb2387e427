import {
  GraphQLBoolean,
  GraphQLInputObjectType,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLString,
  type GraphQLFieldConfig,
} from 'graphql';
import type { AccessAttributes } from '#access';
import { attributesOf, badRequest, type Asking } from '../asking.ts';
import { text } from '../schema/texts.ts';

const actionsMax = 200;

/** What is asked about, of a resource or of a path. */
type Action = {
  readonly verb: string;
  readonly group?: string | null;
  readonly resource?: string | null;
  readonly subresource?: string | null;
  readonly namespace?: string | null;
  readonly name?: string | null;
  readonly path?: string | null;
};

type Permission = {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  readonly path: string;
  readonly allowed: boolean;
  readonly reason: string;
};

const anyText = { type: GraphQLString };

const actionInput = new GraphQLInputObjectType({
  name: 'Action_Input',
  description: 'Something that one may be allowed to do: to objects of a resource, or to a path',
  fields: {
    verb: { ...text, description: 'get, list, watch, create, update, patch, delete, …' },
    group: { ...anyText, description: 'Empty for the core group' },
    resource: { ...anyText, description: 'Lower-case plural' },
    subresource: { ...anyText, description: 'status, scale, …' },
    namespace: { ...anyText, description: 'Empty for all, or where the kind has none' },
    name: { ...anyText, description: 'Empty for any' },
    path: { ...anyText, description: 'Instead of a resource: /metrics' },
  },
});

const permission = new GraphQLObjectType<Permission, Asking>({
  name: 'Permission',
  description: 'Whether an action is allowed, and why',
  fields: {
    verb: text,
    group: text,
    resource: text,
    subresource: text,
    namespace: text,
    name: text,
    path: text,
    allowed: { type: new GraphQLNonNull(GraphQLBoolean), description: 'As the same request would be answered now' },
    reason: { ...text, description: 'What grants it, empty for whoever may do everything; otherwise the words that a refusal would have' },
  },
});

/** The evaluator that requests and access reviews ask, for many actions at once. */
export const mayI: GraphQLFieldConfig<unknown, Asking> = {
  type: new GraphQLList(new GraphQLNonNull(permission)),
  description: `What you may do, of up to ${actionsMax} actions at once, each with its reason`,
  args: { actions: { type: new GraphQLNonNull(new GraphQLList(new GraphQLNonNull(actionInput))), description: 'Answered in their order' } },
  resolve(_, { actions }, asking) {
    const asked = actions as readonly Action[];
    if (asked.length > actionsMax) throw badRequest(`mayI takes at most ${actionsMax} actions`);
    return asked.map((action) => judged(action, asking));
  },
};

function judged(action: Action, { visit }: Asking): Permission {
  const [group, resource, subresource] = [action.group ?? '', action.resource ?? '', action.subresource ?? ''];
  const [namespace, name, path] = [action.namespace ?? '', action.name ?? '', action.path ?? ''];
  if ((resource === '') === (path === '')) throw badRequest('an action is about either a resource or a path');
  const target = { namespace, name, ...(subresource === '' ? {} : { subresource }) };
  const attributes: AccessAttributes =
    path === '' ? attributesOf({ group, resource }, action.verb, target) : { verb: action.verb, nonResourcePath: path };
  const decision = visit.judge(attributes);
  const allowed = decision.type === 'allowed';
  const reason = decision.type === 'allowed' ? decision.reason : decision.message;
  return { verb: action.verb, group, resource, subresource, namespace, name, path, allowed, reason };
}
