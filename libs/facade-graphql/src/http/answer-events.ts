import { OperationTypeNode, type ExecutionResult } from 'graphql';
import { statusFailure } from '#kube';
import { answer, readOperation } from '../ask/answer.ts';
import { observe } from '../ask/observe.ts';
import { badRequest, faultOf, refused, type Asking } from '../asking.ts';
import { EventStream } from '../live/event-stream.ts';
import { startFollowing } from '../live/start-following.ts';
import type { SubscriptionCount } from '../live/subscription-count.ts';
import { planOf } from '../live/subscription-plan.ts';
import type { SchemaEntry } from '../schema/schema-cache.ts';
import { readRequest } from './read-request.ts';

export const wantsEvents = (accept: string | undefined): boolean => accept !== undefined && /\btext\/event-stream\b/i.test(accept);

/** Any operation as a stream of events: a subscription goes on, the others have one result. */
export async function answerEvents(entry: SchemaEntry, asking: Asking, count: SubscriptionCount): Promise<void> {
  const { visit } = asking;
  const { method } = visit.request;
  if (method !== 'GET' && method !== 'POST') return visit.refuse(statusFailure('MethodNotAllowed', 'GraphQL is asked by GET or POST'));
  const read = await readRequest(visit);
  switch (read.type) {
    case 'aborted':
      return;
    case 'refused':
      return visit.refuse(read.status);
    case 'batch':
      return visit.refuse(statusFailure('BadRequest', 'a stream of events answers one operation, not a batch'));
    case 'one':
      break;
  }
  const operation = readOperation(entry, read.params, asking.persisted);
  if (operation.type === 'malformed') return visit.refuse(statusFailure('BadRequest', operation.errors[0]?.message ?? ''));
  if (visit.response.destroyed) return;
  const stream = new EventStream(visit);
  const only = (result: ExecutionResult): void => {
    stream.result(result);
    stream.complete();
  };
  if (operation.type === 'faulty') return only({ errors: operation.errors });
  const { node } = operation.operation;
  if (node.operation === OperationTypeNode.MUTATION && method === 'GET')
    return only({ errors: [badRequest('a mutation is sent by POST')] });
  if (node.operation !== OperationTypeNode.SUBSCRIPTION) return only(await answer(entry, operation.operation, asking));
  const plan = planOf(entry, operation.operation);
  if (plan.type === 'nothing') return stream.complete();
  if (plan.type === 'faulty') return only({ errors: plan.errors });
  const release = count.take(visit.identity.user);
  if (release === undefined) return only({ errors: [tooMany] });
  visit.response.once('close', release);
  try {
    const following = await startFollowing(asking, plan, stream);
    observe(node, {});
    if (visit.response.destroyed) following.stop();
    else visit.response.once('close', () => following.stop());
  } catch (failure) {
    only({ errors: [faultOf(failure, asking.words)] });
  }
}

const tooMany = refused(statusFailure('TooManyRequests', 'too many subscriptions of one user are open', { retryAfterSeconds: 10 }));
