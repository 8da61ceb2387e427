import { GraphQLEnumType, GraphQLNonNull, GraphQLObjectType, GraphQLString, type GraphQLFieldConfig } from 'graphql';
import type { Health, KubeObject } from '#kube';
import type { Asking } from '../asking.ts';
import { json } from '../schema/scalars.ts';
import { healthType } from './health-field.ts';
import { text } from '../schema/texts.ts';

/** One thing that has happened, as it is told. */
export type ToldEvent = {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BEHIND';
  readonly resourceVersion: string;
  readonly group?: string;
  readonly resource?: string;
  readonly kind?: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly uid?: string;
  readonly health?: Health;
  readonly object?: KubeObject;
};

const type = new GraphQLEnumType({
  name: 'WorkspaceEventType',
  values: {
    ADDED: {},
    MODIFIED: {},
    DELETED: {},
    BEHIND: { description: 'What happened before is told no more: read anew what you show. What happens from here on follows' },
  },
});

const anyText = { type: GraphQLString };

const eventType = new GraphQLObjectType<ToldEvent, unknown>({
  name: 'WorkspaceEvent',
  description: 'Something that has happened in the workspace',
  fields: {
    type: { type: new GraphQLNonNull(type) },
    resourceVersion: { ...text, description: 'Where to go on from: the argument "from"' },
    group: anyText,
    resource: { ...anyText, description: 'Lower-case plural' },
    kind: anyText,
    namespace: anyText,
    name: anyText,
    uid: anyText,
    health: { type: healthType },
    object: { type: json, description: 'In the version in which it is kept; one that is gone, as it was last' },
  },
});

/** Says of a subscription's field that it follows all of the workspace. */
const followsWorkspace = { followsWorkspace: true } as const;

export const workspaceEvents: GraphQLFieldConfig<unknown, Asking> = {
  type: eventType,
  description:
    'Everything that happens in the workspace to objects that you may watch, in one stream, in order. Leases and Events are not told',
  args: { from: { type: GraphQLString, description: 'Goes on behind this version; otherwise from now on' } },
  resolve: (event) => event,
  extensions: followsWorkspace,
};
