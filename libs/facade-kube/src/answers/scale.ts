import {
  applyScale,
  ownersAfterScale,
  patchedScaleOf,
  scaleApiVersion,
  scaleColumns,
  scaleFault,
  scaleKind,
  scaleOf,
  statusFailure,
  withScale,
  type KubeObject,
  type ScalePaths,
  type ScaleWrite,
  type ServedKind,
  type ServedVersion,
} from '#kube';
import type { FieldWriter, PatchedShape, StoredObject } from '#workspace';
import { failure, type Answer, type ResourceExchange } from '../exchange.ts';
import { readObjectBody } from '../options/object-body.ts';
import { readWriteOptions } from '../options/write-options.ts';
import { aborted, answerOutcome } from './outcome.ts';

/** What a table shows of an object by its `/scale`. */
export const versionAsScale = (version: ServedVersion): ServedVersion => ({ ...version, columns: scaleColumns });

/** `/scale`: how many replicas of an object are wanted, whatever its kind calls that. */
export async function answerScale(exchange: ResourceExchange, answer: (exchange: ResourceExchange) => Promise<Answer>): Promise<Answer> {
  const { version, path } = exchange;
  const { scale: paths } = version;
  if (!paths) throw new Error(`${exchange.kind.resource} in ${version.name} have no scale`);
  const given = path.verb === 'update' ? await answerUpdate(exchange, paths) : await answer(exchange);
  if (given.type !== 'object') return given;
  const { scale, isSet } = scaleOf(given.object.object, paths);
  if (!isSet && path.verb === 'get')
    return failure(
      statusFailure(
        'InternalError',
        `Internal error occurred: the spec replicas field ${JSON.stringify(paths.specReplicasPath)} does not exist`,
      ),
    );
  return { ...given, object: shownScale(given.object, scale) };
}

/** How a patch sees the object. */
export function scaleShape({ kind, version }: ResourceExchange, paths: ScalePaths): PatchedShape {
  const writing = ({ fieldManager, at }: FieldWriter): ScaleWrite => ({
    manager: fieldManager,
    at,
    apiVersion: groupVersion(kind, version),
    paths: new Map(kind.versions.map((known) => [groupVersion(kind, known), known.scale])),
  });
  return {
    endpoint: { subresource: 'scale', ...scaleKind },
    kind,
    show: (object) => patchedScaleOf(object, paths),
    fault: (scale) => scaleFault(scale, paths),
    keep: (scale, object) => withScale(object, scale, paths),
    owners: (scale, object, by) => ownersAfterScale(object, scale, writing(by)),
    apply: (config, object, by) => applyScale(object, config, { ...writing(by), force: by.force }),
  };
}

const groupVersion = ({ group }: ServedKind, { name }: ServedVersion): string => (group === '' ? name : `${group}/${name}`);

/** Why this is no configuration of the scale of that name. */
export function scaleContradiction({ apiVersion, kind, metadata }: KubeObject, name: string): string | undefined {
  if (apiVersion !== scaleApiVersion || kind !== scaleKind.kind) {
    const given = String(apiVersion ?? '');
    return `invalid object type: ${given.includes('/') ? given : `/${given}`}, Kind=${String(kind ?? '')}`;
  }
  if (metadata.managedFields !== undefined && metadata.managedFields !== null) return 'metadata.managedFields must be nil';
  if (metadata.name === undefined || metadata.name === name) return undefined;
  return `the name of the object (${String(metadata.name)}) does not match the name on the URL (${name})`;
}

async function answerUpdate(exchange: ResourceExchange, paths: ScalePaths): Promise<Answer> {
  const { workspace, kind, version, path } = exchange;
  const { namespace, name } = path;
  const read = await readObjectBody(exchange, scaleKind);
  if (read.type === 'aborted') return aborted;
  if (read.type === 'refused') return failure(read.status);
  const options = readWriteOptions(exchange, 'UpdateOptions');
  if (options.type === 'invalid') return failure(options.status);
  const fault = faultOf(read.body, name);
  if (fault !== undefined) return failure(statusFailure('BadRequest', fault));
  const { author, dryRun, fieldValidation } = options;
  const { replicas = 0 } = (read.body.spec ?? {}) as { readonly replicas?: number };
  const { resourceVersion } = read.body.metadata;
  const patch = { spec: { replicas }, ...(resourceVersion ? { metadata: { resourceVersion } } : {}) };
  return answerOutcome(
    exchange.inFlight,
    await workspace.patch({
      kind,
      version: version.name,
      namespace,
      name,
      author,
      dryRun,
      fieldValidation,
      patch: { type: 'merge', patch, duplicateFields: read.duplicateFields },
      shape: scaleShape(exchange, paths),
    }),
  );
}

function faultOf({ apiVersion, kind, metadata, spec }: KubeObject, name: string): string | undefined {
  if (apiVersion !== scaleApiVersion || kind !== scaleKind.kind)
    return `the API version in the data (${apiVersion}) does not match the expected API version (${scaleApiVersion})`;
  if (metadata.name !== undefined && metadata.name !== '' && metadata.name !== name)
    return `the name of the object (${metadata.name}) does not match the name on the URL (${name})`;
  const { replicas } = (spec ?? {}) as { readonly replicas?: unknown };
  if (replicas === undefined || replicas === null || Number.isInteger(replicas)) return undefined;
  return `Scale in version "v1" cannot be handled as a Scale: json: cannot unmarshal ${typeof replicas === 'bigint' ? `number ${replicas}` : typeof replicas} into Go struct field ScaleSpec.spec.replicas of type int32`;
}

function shownScale({ namespace, name, uid, position }: StoredObject, scale: KubeObject): StoredObject {
  return { namespace, name, uid, position, labels: {}, object: scale, text: JSON.stringify(scale) };
}
