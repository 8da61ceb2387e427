import type { DeleteOutcome, DeleteRequest } from '#workspace';
import { failure, type Answer, type ResourceExchange } from '../exchange.ts';
import { readDeleteOptions, type DeleteOptions } from '../options/delete-options.ts';
import { noteAnnotations } from '../in-flight/in-flight.ts';
import { authorOf } from '../options/write-options.ts';
import { detailsOf, refusalToStatus } from '../refusal-to-status.ts';
import { aborted } from './outcome.ts';

/** DELETE of one object. */
export async function answerDelete(exchange: ResourceExchange): Promise<Answer> {
  const options = await readDeleteOptions(exchange);
  if (options.type === 'aborted') return aborted;
  if (options.type === 'invalid') return failure(options.status);
  const { namespace, name } = exchange.path;
  return answerDeleted(exchange, await exchange.workspace.delete(deleteRequest(exchange, { namespace, name }, options)));
}

export function deleteRequest(
  exchange: ResourceExchange,
  { namespace, name }: { readonly namespace: string; readonly name: string },
  options: DeleteOptions,
): DeleteRequest {
  const { kind, version } = exchange;
  const { dryRun, propagation, preconditions } = options;
  const request = { kind, version: version.name, namespace, name, author: authorOf(exchange, ''), dryRun };
  return { ...request, ...(propagation === undefined ? {} : { propagation }), ...(preconditions === undefined ? {} : { preconditions }) };
}

function answerDeleted({ kind, inFlight }: ResourceExchange, outcome: DeleteOutcome): Answer {
  noteAnnotations(inFlight, outcome.auditAnnotations);
  switch (outcome.type) {
    case 'removed': {
      if (kind.shownWhenDeleted === true) return { type: 'object', code: 200, object: outcome.object, warnings: outcome.warnings ?? [] };
      const { name, uid } = outcome.object;
      const details = { ...detailsOf({ group: kind.group, resource: kind.resource, name }), uid };
      return {
        type: 'document',
        code: 200,
        document: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details },
        ...(outcome.warnings ? { warnings: outcome.warnings } : {}),
      };
    }
    case 'terminating':
      return { type: 'object', code: 200, object: outcome.object, warnings: outcome.warnings ?? [] };
    case 'refused':
      return failure(refusalToStatus(outcome.refusal), outcome.warnings);
  }
}
