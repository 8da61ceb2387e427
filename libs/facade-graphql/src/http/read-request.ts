import { decodeBody, statusFailure, type JsonObject, type StatusFailure } from '#kube';
import type { Params } from '../ask/params.ts';
import type { Visit } from '../visit.ts';

/** What one HTTP request asks for. */
export type ReadRequest =
  | { readonly type: 'one'; readonly params: Params }
  | { readonly type: 'batch'; readonly params: readonly Params[] }
  | { readonly type: 'refused'; readonly status: StatusFailure }
  /** Nobody waits for an answer any more. */
  | { readonly type: 'aborted' };

const batchMax = 10;

/** https://graphql.github.io/graphql-over-http/draft/#sec-Request, and batches: a list of requests. Whole numbers keep their digits. */
export async function readRequest(visit: Visit): Promise<ReadRequest> {
  const { method, url = '', headers } = visit.request;
  if (method === 'GET') return readQuery(new URLSearchParams(url.includes('?') ? url.slice(url.indexOf('?') + 1) : ''));
  const contentType = (headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (contentType !== 'application/json' && contentType !== 'application/graphql') {
    const message = `the media type ${JSON.stringify(contentType)} is not understood: send application/json`;
    return refused(statusFailure('UnsupportedMediaType', message));
  }
  const read = await visit.readBody();
  if (read.type === 'aborted') return read;
  if (read.type === 'refused') return refused(read.status);
  return contentType === 'application/graphql' ? { type: 'one', params: { query: read.bytes.toString('utf8') } } : readJson(read.bytes);
}

const refused = (status: StatusFailure): ReadRequest => ({ type: 'refused', status });
const bad = (message: string): ReadRequest => refused(statusFailure('BadRequest', message));

function readJson(bytes: Buffer): ReadRequest {
  const decoded = decodeBody(bytes, 'application/json');
  if (decoded.type === 'malformed') return bad(`the body is no JSON: ${decoded.message}`);
  const body = decoded.value;
  if (Array.isArray(body)) {
    if (body.length === 0) return bad('an empty batch asks for nothing');
    if (body.length > batchMax) return bad(`a batch takes at most ${batchMax} operations, this one has ${body.length}`);
    return body.every(isObject) ? { type: 'batch', params: body } : bad('a batch is a list of objects');
  }
  return isObject(body) ? { type: 'one', params: body } : bad('the body is no JSON object');
}

function readQuery(query: URLSearchParams): ReadRequest {
  const params: Record<string, unknown> = {};
  for (const name of ['query', 'operationName'] as const) if (query.has(name)) params[name] = query.get(name);
  for (const name of ['variables', 'extensions'] as const) {
    const text = query.get(name);
    if (text === null || text === '') continue;
    const decoded = decodeBody(Buffer.from(text), 'application/json');
    if (decoded.type === 'malformed' || !isObject(decoded.value)) return bad(`the parameter ${JSON.stringify(name)} is no JSON object`);
    params[name] = decoded.value;
  }
  return { type: 'one', params };
}

const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);
