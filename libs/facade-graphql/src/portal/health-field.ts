import { GraphQLEnumType, GraphQLNonNull, GraphQLObjectType, GraphQLString, type GraphQLFieldConfig } from 'graphql';
import { isPlain } from '../schema/marks.ts';
import { healthOf, type Health, type KubeObject, type Turn } from '#kube';
import { text } from '../schema/texts.ts';

export const healthWord = new GraphQLEnumType({
  name: 'HealthWord',
  description: 'How an object is, in the words of kstatus',
  values: { Current: {}, InProgress: {}, Failed: {}, Terminating: {} },
});

export const turn = new GraphQLEnumType({
  name: 'Turn',
  description: 'Who has to do something for it to go on',
  values: {
    consumer: { description: 'You' },
    provider: { description: 'Whoever offers the API' },
    mesh: { description: 'This server' },
  },
});

/** Depends on the object alone, so that it may stand in what many subscriptions share. */
export const healthType = new GraphQLObjectType<Health, unknown>({
  name: 'Health',
  description: 'How an object is, whose turn it is, since when, and why',
  fields: {
    word: { type: new GraphQLNonNull(healthWord), description: 'Current: nothing is left to do' },
    turn: { type: turn, description: 'Whose turn it is; null where nothing is left to do' },
    since: { type: GraphQLString, description: 'Since when it is so (RFC 3339), where the object says' },
    reason: { ...text, description: 'Why, in one sentence' },
  },
});

export function healthField(answeredBy: Turn): GraphQLFieldConfig<unknown, unknown> {
  return {
    type: new GraphQLNonNull(healthType),
    description: 'How it is: computed from its status, the same in tables and views',
    extensions: isPlain,
    resolve: (object) => healthOf(object as KubeObject, answeredBy),
  };
}
