import { OperationTypeNode, type ExecutionResult } from 'graphql';
import { statusFailure, type StatusFailure } from '#kube';
import { answer, readOperation } from '../ask/answer.ts';
import type { Params } from '../ask/params.ts';
import { refused, type Asking } from '../asking.ts';
import type { SchemaEntry } from '../schema/schema-cache.ts';
import { readRequest } from './read-request.ts';

/** Queries and mutations over HTTP. https://graphql.github.io/graphql-over-http/draft/ */
export async function answerHttp(entry: SchemaEntry, asking: Asking): Promise<void> {
  const { visit } = asking;
  const { method } = visit.request;
  if (method !== 'GET' && method !== 'POST') return visit.refuse(statusFailure('MethodNotAllowed', 'GraphQL is asked by GET or POST'));
  const form = formOf(visit.request.headers.accept);
  if (form === undefined)
    return visit.refuse(
      statusFailure('NotAcceptable', 'only the following media types are accepted: application/graphql-response+json, application/json'),
    );
  const read = await readRequest(visit);
  switch (read.type) {
    case 'aborted':
      return;
    case 'refused':
      return sendFailure(asking, form, read.status);
    case 'batch': {
      const results: ExecutionResult[] = [];
      // One after the other: a batch may write and then read.
      for (const params of read.params) results.push((await answered(entry, params, asking)).result);
      return send(asking, form, 200, results);
    }
    case 'one': {
      const { result, code = result.data === undefined && form === graphqlJson ? 400 : 200 } = await answered(entry, read.params, asking);
      return send(asking, form, code, result);
    }
  }
}

const graphqlJson = 'application/graphql-response+json';

/** The media type that the client wants most, of those that there are. */
function formOf(accept: string | undefined): string | undefined {
  if (accept === undefined || accept === '') return 'application/json';
  if (accept.includes(graphqlJson)) return graphqlJson;
  return /application\/(json|\*)|\*\/\*|application\/graphql\+json/.test(accept) ? 'application/json' : undefined;
}

/** `code` where it is another than the form of the answer has for such results. */
type Answered = { readonly result: ExecutionResult; readonly code?: number };

async function answered(entry: SchemaEntry, params: Params, asking: Asking): Promise<Answered> {
  const read = readOperation(entry, params, asking.persisted);
  switch (read.type) {
    case 'malformed':
      return { result: { errors: read.errors }, code: 400 };
    case 'faulty':
      return { result: { errors: read.errors } };
    case 'operation':
      break;
  }
  const { operation } = read.operation.node;
  if (operation === OperationTypeNode.SUBSCRIPTION) return { result: { errors: [onlyByEvents] }, code: 406 };
  if (operation === OperationTypeNode.MUTATION && asking.visit.request.method === 'GET')
    return { result: { errors: [onlyByPost] }, code: 405 };
  return { result: await answer(entry, read.operation, asking) };
}

const onlyByPost = refused(statusFailure('MethodNotAllowed', 'Can only perform a mutation operation from a POST request.'));
const onlyByEvents = refused(
  statusFailure('NotAcceptable', 'a subscription is asked for with "Accept: text/event-stream", or over a WebSocket'),
);

function send({ visit }: Asking, form: string, code: number, answered: ExecutionResult | readonly ExecutionResult[]): void {
  visit.send({ code, text: JSON.stringify(answered), headers: { 'Content-Type': `${form}; charset=utf-8` } });
}

/** What is no request of GraphQL's is refused in its form all the same, so that clients can show why. */
function sendFailure(asking: Asking, form: string, status: StatusFailure): void {
  send(asking, form, status.code, { errors: [refused(status)] });
}
