import {
  decodeBody,
  decodeProtobuf,
  hasProtobuf,
  negotiateBody,
  negotiateTypedBody,
  statusFailure,
  type Json,
  type JsonObject,
  type KubeObject,
  type StatusFailure,
} from '#kube';
import type { Exchange } from '../exchange.ts';
import { readBody } from '../http/read-body.ts';
import { noteRequestObject } from '../in-flight/in-flight.ts';

export type ObjectBody =
  /** Has a kind, and metadata that is an object. All else is the verb's to check. */
  | { readonly type: 'object'; readonly body: KubeObject; readonly duplicateFields: readonly string[] }
  | { readonly type: 'refused'; readonly status: StatusFailure }
  | { readonly type: 'aborted' };

/** What the endpoint takes. */
export type ExpectedKind = {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  /** Whether its schema marks fields as secret. */
  readonly isConfidential?: boolean;
};

/** Reads the object that a create or an update sends. */
export async function readObjectBody(
  { request, inFlight }: Pick<Exchange, 'request' | 'inFlight'>,
  expected: ExpectedKind,
): Promise<ObjectBody> {
  const { kind } = expected;
  const apiVersion = expected.group === '' ? expected.version : `${expected.group}/${expected.version}`;
  const contentType = request.headers['content-type'];
  const isTyped = hasProtobuf(apiVersion, kind);
  const content = isTyped ? negotiateTypedBody(contentType) : negotiateBody(contentType);
  if (content.type === 'unsupported') return refused(statusFailure('UnsupportedMediaType', content.message));
  const read = await readBody(request);
  if (read.type !== 'read') return read;
  const isProtobuf = content.mediaType === 'application/vnd.kubernetes.protobuf';
  const decoded = isProtobuf ? decodeProtobuf(read.bytes, { apiVersion, kind }) : decodeBody(read.bytes, content.mediaType);
  if (decoded.type === 'malformed') {
    const what = isProtobuf ? '' : "couldn't get version/kind; json parse error: ";
    return unrecognized(kind, `${what}${decoded.message}`, quotable(expected, read.bytes));
  }
  const value = isTyped ? named(decoded.value, { apiVersion, kind }) : decoded.value;
  const fault = faultOf(value, quotable(expected, read.bytes));
  if (fault !== undefined) return unrecognized(kind, fault, quotable(expected, read.bytes));
  const body = value as JsonObject;
  noteRequestObject(inFlight, body);
  const { metadata } = body;
  if (metadata === undefined || metadata === null)
    return { type: 'object', body: { ...body, metadata: {} } as KubeObject, duplicateFields: decoded.duplicateFields };
  if (typeof metadata !== 'object' || Array.isArray(metadata)) {
    const message = `${kind} in version ${JSON.stringify(versionOf(body))} cannot be handled as a ${kind}: json: cannot unmarshal ${typeNameOf(metadata)} into Go struct field .metadata of type v1.ObjectMeta`;
    return refused(statusFailure('BadRequest', message));
  }
  return { type: 'object', body: body as KubeObject, duplicateFields: decoded.duplicateFields };
}

/** A typed client need not name a kind that it has compiled in: the endpoint says which it is. */
function named(value: Json, expected: { readonly apiVersion: string; readonly kind: string }): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const { apiVersion, kind } = value as JsonObject;
  const isMissing = (text: Json | undefined): boolean => text === undefined || text === null || text === '';
  if (!isMissing(kind) && !isMissing(apiVersion)) return value;
  return {
    ...value,
    apiVersion: isMissing(apiVersion) ? expected.apiVersion : (apiVersion as Json),
    kind: isMissing(kind) ? expected.kind : (kind as Json),
  };
}

const refused = (status: StatusFailure): ObjectBody => ({ type: 'refused', status });

function unrecognized(kind: string, fault: string, bytes: Buffer): ObjectBody {
  return refused(
    statusFailure('BadRequest', `the object provided is unrecognized (must be of type ${kind}): ${fault} (${summaryOf(bytes)})`),
  );
}

function faultOf(value: Json, bytes: Buffer): string | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return `couldn't get version/kind; json parse error: json: cannot unmarshal ${typeNameOf(value)} into Go value of type struct`;
  const { kind, apiVersion } = value as JsonObject;
  if (kind === undefined || kind === null || kind === '')
    return `Object 'Kind' is missing in '${bytes.toString('utf8', 0, quotedBytesMax)}'`;
  if (typeof kind !== 'string')
    return `couldn't get version/kind; json parse error: json: cannot unmarshal ${typeNameOf(kind)} into Go struct field .kind of type string`;
  if (apiVersion !== undefined && typeof apiVersion !== 'string')
    return `couldn't get version/kind; json parse error: json: cannot unmarshal ${typeNameOf(apiVersion)} into Go struct field .apiVersion of type string`;
  return undefined;
}

/** Of a Secret, and of what may hold one, nothing is repeated, not even to whoever sent it: what they are told may end up in a log. */
function quotable({ group, kind, isConfidential }: ExpectedKind, bytes: Buffer): Buffer {
  return isConfidential === true || (group === '' && kind === 'Secret') ? Buffer.from('{redacted}') : bytes;
}

const quotedBytesMax = 1024;
const summaryBytesMax = 30;

/** The beginning of a body as upstream shows it: as text where it looks like an object, else in hex. */
function summaryOf(bytes: Buffer): string {
  if (bytes.length === 0) return '<empty>';
  const shown = bytes.toString(bytes[0] === 0x7b ? 'utf8' : 'hex', 0, summaryBytesMax);
  return bytes.length > summaryBytesMax ? `${shown} ...` : shown;
}

function typeNameOf(value: Json): string {
  if (Array.isArray(value)) return 'array';
  return value === null ? 'null' : typeof value === 'boolean' ? 'bool' : typeof value === 'bigint' ? 'number' : typeof value;
}

function versionOf({ apiVersion }: JsonObject): string {
  return typeof apiVersion === 'string' ? apiVersion.slice(apiVersion.indexOf('/') + 1) : '';
}
