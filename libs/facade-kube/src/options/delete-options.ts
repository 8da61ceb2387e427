import type { DeleteRequest } from '#workspace';
import { decodeBody, decodeProtobuf, negotiateTypedBody, statusFailure, type StatusCause } from '#kube';
import type { ResourceExchange } from '../exchange.ts';
import { readBody } from '../http/read-body.ts';
import { noteRequestObject } from '../in-flight/in-flight.ts';
import { badOptions, invalidOptions, type InvalidOptions } from './invalid-options.ts';
import { dryRunCauses } from './write-options.ts';

type Propagation = NonNullable<DeleteRequest['propagation']>;

export type DeleteOptions = {
  readonly type: 'valid';
  readonly dryRun: boolean;
  readonly propagation: Propagation | undefined;
  readonly preconditions: NonNullable<DeleteRequest['preconditions']> | undefined;
};

/** DeleteOptions from the body, or from the query where there is none. */
export async function readDeleteOptions(
  exchange: ResourceExchange,
): Promise<DeleteOptions | InvalidOptions | { readonly type: 'aborted' }> {
  const read = await readBody(exchange.request);
  if (read.type === 'aborted') return read;
  if (read.type === 'refused') return { type: 'invalid', status: read.status };
  const { query } = exchange.path;
  const queryDryRun = query.getAll('dryRun').filter((value) => value !== '');
  if (read.bytes.length === 0) return fromQuery(query, queryDryRun);
  const content = negotiateTypedBody(exchange.request.headers['content-type']);
  if (content.type === 'unsupported') return { type: 'invalid', status: statusFailure('UnsupportedMediaType', content.message) };
  if (content.mediaType === 'application/vnd.kubernetes.protobuf') {
    const decoded = decodeProtobuf(read.bytes, { apiVersion: 'v1', kind: 'DeleteOptions' });
    return decoded.type === 'malformed' ? badOptions(decoded.message) : fromBody(decoded.value, queryDryRun);
  }
  const decoded = decodeBody(read.bytes, content.mediaType);
  if (decoded.type === 'malformed') return badOptions(`couldn't get version/kind; json parse error: ${decoded.message}`);
  noteRequestObject(exchange.inFlight, decoded.value);
  return fromBody(decoded.value, queryDryRun);
}

type Raw = {
  readonly dryRun: readonly string[];
  readonly propagationPolicy?: string | undefined;
  readonly orphanDependents?: boolean | undefined;
  readonly preconditions?: DeleteRequest['preconditions'] | undefined;
};

function fromQuery(query: URLSearchParams, dryRun: readonly string[]): DeleteOptions | InvalidOptions {
  const orphan = query.get('orphanDependents');
  return checked({
    dryRun,
    propagationPolicy: query.get('propagationPolicy') ?? undefined,
    preconditions: query.has('uid') ? { uid: query.get('uid') ?? '' } : undefined,
    orphanDependents: orphan === null ? undefined : orphan !== 'false' && orphan !== '0',
  });
}

function fromBody(body: unknown, queryDryRun: readonly string[]): DeleteOptions | InvalidOptions {
  if (!isObject(body)) return malformed('value', body, 'v1.DeleteOptions');
  const { kind, dryRun, propagationPolicy, orphanDependents, preconditions } = body;
  if (kind !== undefined && kind !== 'DeleteOptions')
    return badOptions(`the object provided is unrecognized (must be of type DeleteOptions): got ${JSON.stringify(kind)}`);
  if (!isAbsent(dryRun) && !(Array.isArray(dryRun) && dryRun.every((value) => typeof value === 'string')))
    return malformed('dryRun', dryRun, '[]string');
  if (!isAbsent(propagationPolicy) && typeof propagationPolicy !== 'string')
    return malformed('propagationPolicy', propagationPolicy, 'v1.DeletionPropagation');
  if (!isAbsent(orphanDependents) && typeof orphanDependents !== 'boolean') return malformed('orphanDependents', orphanDependents, 'bool');
  const demanded = preconditionsOf(preconditions);
  if (demanded === 'malformed') return malformed('preconditions', preconditions, 'v1.Preconditions');
  return checked({
    dryRun: [...queryDryRun, ...((dryRun as readonly string[] | undefined) ?? [])],
    propagationPolicy: propagationPolicy ?? undefined,
    orphanDependents: orphanDependents ?? undefined,
    preconditions: demanded,
  });
}

function preconditionsOf(value: unknown): DeleteRequest['preconditions'] | 'malformed' {
  if (isAbsent(value)) return undefined;
  if (!isObject(value)) return 'malformed';
  const { uid, resourceVersion } = value;
  if ((!isAbsent(uid) && typeof uid !== 'string') || (!isAbsent(resourceVersion) && typeof resourceVersion !== 'string'))
    return 'malformed';
  return { ...(typeof uid === 'string' ? { uid } : {}), ...(typeof resourceVersion === 'string' ? { resourceVersion } : {}) };
}

function checked({ dryRun, propagationPolicy, orphanDependents, preconditions }: Raw): DeleteOptions | InvalidOptions {
  const causes: StatusCause[] = [];
  if (orphanDependents !== undefined && propagationPolicy !== undefined)
    causes.push(
      invalidPropagation(
        `Invalid value: ${JSON.stringify(propagationPolicy)}: orphanDependents and deletionPropagation cannot be both set`,
      ),
    );
  if (propagationPolicy !== undefined && !isPropagation(propagationPolicy))
    causes.push({
      ...invalidPropagation(
        `Unsupported value: ${JSON.stringify(propagationPolicy)}: supported values: "Foreground", "Background", "Orphan", "nil"`,
      ),
      reason: 'FieldValueNotSupported',
    });
  causes.push(...dryRunCauses(dryRun));
  if (causes.length > 0) return invalidOptions('DeleteOptions', causes);
  const propagation = isPropagation(propagationPolicy) ? propagationPolicy : olderPropagation(orphanDependents);
  return { type: 'valid', dryRun: dryRun.length > 0, propagation, preconditions };
}

/** What clients said before there was a propagationPolicy. */
function olderPropagation(orphanDependents: boolean | undefined): Propagation | undefined {
  if (orphanDependents === undefined) return undefined;
  return orphanDependents ? 'Orphan' : 'Background';
}

const isPropagation = (text: string | undefined): text is Propagation =>
  text === 'Foreground' || text === 'Background' || text === 'Orphan';
const invalidPropagation = (message: string): StatusCause => ({ reason: 'FieldValueInvalid', message, field: 'propagationPolicy' });
const isAbsent = (value: unknown): value is undefined | null => value === undefined || value === null;
const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function malformed(field: string, value: unknown, goType: string): InvalidOptions {
  const found = Array.isArray(value) ? 'array' : value === null ? 'null' : typeof value === 'bigint' ? 'number' : typeof value;
  return badOptions(
    `DeleteOptions in version "v1" cannot be handled as a DeleteOptions: json: cannot unmarshal ${found} into Go struct field DeleteOptions.${field} of type ${goType}`,
  );
}
