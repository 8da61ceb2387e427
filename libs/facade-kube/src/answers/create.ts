import { secretFieldsOf, statusFailure } from '#kube';
import { failure, type Answer, type ResourceExchange } from '../exchange.ts';
import { readObjectBody } from '../options/object-body.ts';
import { readWriteOptions } from '../options/write-options.ts';
import { aborted, answerOutcome } from './outcome.ts';

/** POST to a collection. */
export async function answerCreate(exchange: ResourceExchange): Promise<Answer> {
  const { workspace, kind, version, path } = exchange;
  const read = await readObjectBody(exchange, {
    group: kind.group,
    version: version.name,
    kind: kind.kind,
    isConfidential: secretFieldsOf(kind).length > 0,
  });
  if (read.type === 'aborted') return aborted;
  if (read.type === 'refused') return failure(read.status);
  if (path.name !== '')
    return failure(statusFailure('BadRequest', `a create is sent to the collection, not to the object ${JSON.stringify(path.name)}`));
  const options = readWriteOptions(exchange, 'CreateOptions');
  if (options.type === 'invalid') return failure(options.status);
  const { author, dryRun, fieldValidation } = options;
  const { body, duplicateFields } = read;
  return answerOutcome(
    exchange.inFlight,
    await workspace.create({
      kind,
      version: version.name,
      namespace: path.namespace,
      author,
      dryRun,
      fieldValidation,
      body,
      duplicateFields,
    }),
  );
}
