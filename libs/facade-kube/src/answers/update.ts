import { secretFieldsOf, statusFailure, type StatusFailure } from '#kube';
import { failure, type Answer, type ResourceExchange } from '../exchange.ts';
import { readObjectBody } from '../options/object-body.ts';
import { readWriteOptions } from '../options/write-options.ts';
import { aborted, answerOutcome } from './outcome.ts';

/** What a PUT or a PATCH to a collection is told. */
export const nameMissing: StatusFailure = statusFailure('BadRequest', 'name must be provided');

/** PUT to an object, its status or its finalizers. */
export async function answerUpdate(exchange: ResourceExchange): Promise<Answer> {
  const { workspace, kind, version, path, whyNotCreate } = exchange;
  const { namespace, name, subresource } = path;
  if (name === '') return failure(nameMissing);
  const read = await readObjectBody(exchange, {
    group: kind.group,
    version: version.name,
    kind: kind.kind,
    isConfidential: secretFieldsOf(kind).length > 0,
  });
  if (read.type === 'aborted') return aborted;
  if (read.type === 'refused') return failure(read.status);
  const named = read.body.metadata.name ?? '';
  // Before the object is looked for.
  if (named !== '' && named !== name)
    return failure(statusFailure('BadRequest', `the name of the object (${named}) does not match the name on the URL (${name})`));
  const options = readWriteOptions(exchange, 'UpdateOptions');
  if (options.type === 'invalid') return failure(options.status);
  const { author, dryRun, fieldValidation } = options;
  const { body, duplicateFields } = read;
  const request = { kind, version: version.name, namespace, name, author, dryRun, fieldValidation, body, duplicateFields, whyNotCreate };
  return answerOutcome(
    exchange.inFlight,
    await workspace.update(subresource === 'status' || subresource === 'finalize' ? { ...request, subresource } : request),
  );
}
