import { decodeBody, goTypeOf, negotiatePatch, operationsMax, statusFailure, type PatchMediaType } from '#kube';
import type { Patch } from '#workspace';
import { failure, type Answer, type ResourceExchange } from '../exchange.ts';
import { readBody } from '../http/read-body.ts';
import { noteRequestObject } from '../in-flight/in-flight.ts';
import { decodeConfiguration } from '../options/configuration.ts';
import { readWriteOptions } from '../options/write-options.ts';
import { aborted, answerOutcome } from './outcome.ts';
import { scaleContradiction, scaleShape } from './scale.ts';
import { nameMissing } from './update.ts';

/** PATCH of an object or its status, by JSON Merge Patch, JSON Patch, Strategic Merge Patch or server-side apply. */
export async function answerPatch(exchange: ResourceExchange): Promise<Answer> {
  const { workspace, kind, version, path, request, whyNotCreate } = exchange;
  const { namespace, name, subresource } = path;
  const content = negotiatePatch(request.headers['content-type'], kind);
  if (content.type === 'unsupported') return failure(statusFailure('UnsupportedMediaType', content.message));
  if (name === '') return failure(nameMissing);
  const read = await readBody(request);
  if (read.type === 'aborted') return aborted;
  if (read.type === 'refused') return failure(read.status);
  const isApply = content.mediaType === 'application/apply-patch+yaml';
  const options = readWriteOptions(exchange, 'PatchOptions', isApply ? 'apply' : 'other');
  if (options.type === 'invalid') return failure(options.status);
  const { author, dryRun, fieldValidation, force } = options;
  const patch = isApply ? decodeConfiguration(read.bytes, force) : decodePatch(read.bytes, content.mediaType);
  if (patch.type === 'failure') return patch;
  noteRequestObject(exchange.inFlight, patch.type === 'apply' ? patch.config : patch.type === 'json' ? patch.operations : patch.patch);
  const patchRequest = { kind, version: version.name, namespace, name, author, dryRun, fieldValidation, patch, whyNotCreate };
  if (subresource === 'scale' && version.scale) {
    const contradiction = patch.type === 'apply' ? scaleContradiction(patch.config, name) : undefined;
    if (contradiction !== undefined) return failure(statusFailure('BadRequest', contradiction));
    return answerOutcome(exchange.inFlight, await workspace.patch({ ...patchRequest, shape: scaleShape(exchange, version.scale) }));
  }
  return answerOutcome(
    exchange.inFlight,
    await workspace.patch(subresource === 'status' ? { ...patchRequest, subresource } : patchRequest),
  );
}

/** A patch of the right JSON type, or why it is none: that is answered before the object is looked for. */
function decodePatch(bytes: Buffer, mediaType: PatchMediaType): Patch | Extract<Answer, { type: 'failure' }> {
  const decoded = decodeBody(bytes, 'application/json');
  if (decoded.type === 'malformed') return malformed(decoded.message);
  const { value, duplicateFields } = decoded;
  const typeName = goTypeOf(value);
  if (mediaType !== 'application/json-patch+json') {
    if (typeName !== 'object') return malformed(`json: cannot unmarshal ${typeName} into Go value of type map[string]interface {}`);
    return { type: mediaType === 'application/merge-patch+json' ? 'merge' : 'strategic', patch: value, duplicateFields };
  }
  if (!Array.isArray(value)) return malformed(`json: cannot unmarshal ${typeName} into Go value of type []handlers.jsonPatchOp`);
  if (value.length > operationsMax) {
    const message = `The allowed maximum operations in a JSON patch is ${operationsMax}, got ${value.length}`;
    return { type: 'failure', status: statusFailure('RequestEntityTooLarge', message) };
  }
  return { type: 'json', operations: value };
}

function malformed(message: string): Extract<Answer, { type: 'failure' }> {
  return { type: 'failure', status: statusFailure('BadRequest', `error decoding patch: ${message}`) };
}
