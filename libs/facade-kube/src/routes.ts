import type { Answer, ResourceExchange } from './exchange.ts';
import { answerCreate } from './answers/create.ts';
import { answerDelete } from './answers/delete.ts';
import { answerDeleteCollection } from './answers/delete-collection.ts';
import { answerGet } from './answers/get.ts';
import { answerList } from './answers/list.ts';
import { answerPatch } from './answers/patch.ts';
import { answerUpdate } from './answers/update.ts';
import { answerWatch } from './answers/watch.ts';

export type ResourceRoute = {
  /** Names the span and the log line of this station of the way. */
  readonly file: string;
  readonly answer: (exchange: ResourceExchange) => Promise<Answer>;
};

/** Every verb on resources, in one place. */
export const resourceRoutes: ReadonlyMap<string, ResourceRoute> = new Map<string, ResourceRoute>([
  ['create', { file: 'facade-kube/answers/create.ts', answer: answerCreate }],
  ['get', { file: 'facade-kube/answers/get.ts', answer: answerGet }],
  ['list', { file: 'facade-kube/answers/list.ts', answer: answerList }],
  ['watch', { file: 'facade-kube/answers/watch.ts', answer: answerWatch }],
  ['update', { file: 'facade-kube/answers/update.ts', answer: answerUpdate }],
  ['patch', { file: 'facade-kube/answers/patch.ts', answer: answerPatch }],
  ['delete', { file: 'facade-kube/answers/delete.ts', answer: answerDelete }],
  ['deletecollection', { file: 'facade-kube/answers/delete-collection.ts', answer: answerDeleteCollection }],
]);
