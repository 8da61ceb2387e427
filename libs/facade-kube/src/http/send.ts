import type { ServerResponse } from 'node:http';
import { pipeline, Readable, type Writable } from 'node:stream';
import { createGzip, gzip } from 'node:zlib';
import { parseJson } from '#json';
import type { StatusFailure } from '#kube';
import { isOn } from '../request-path.ts';
import type { Body, Exchange } from '../exchange.ts';
import { warningHeaders } from './warnings.ts';

/** Bodies from this size on are compressed for whoever accepts it, as upstream does. */
export const gzipFrom = 128 * 1024;

export type Headers = Readonly<Record<string, string>>;
export type Written = {
  readonly code: number;
  readonly text: string;
  readonly headers: Headers;
  readonly warnings?: readonly string[];
  /** How many bytes the text has, where that is known. */
  readonly bytes?: number;
};

export const jsonHeaders: Headers = { 'Content-Type': 'application/json' };
export const yamlHeaders: Headers = { 'Content-Type': 'application/yaml' };

type Addressed = Pick<Exchange, 'request' | 'response' | 'auditId' | 'inFlight'>;

/** Writes one whole body. */
export function sendText(exchange: Addressed, written: Written): void {
  const { code, text, headers, warnings = [] } = written;
  const { response, inFlight } = exchange;
  if (response.destroyed || response.headersSent) return;
  if (inFlight.audit.level === 'RequestResponse' && headers['Content-Type'] === 'application/json') inFlight.audit.responseText = text;
  if (text.length >= gzipFrom && acceptsGzip(exchange)) {
    gzip(text, { level: 4 }, (error, bytes) => {
      if (error === null) writeBytes(exchange, { code, bytes, headers: zippedHeaders(headers), warnings });
      else sendPlain(exchange, written);
    });
    return;
  }
  sendPlain(exchange, written);
}

/** Writes one whole body that is no text. */
export function sendBytes(exchange: Addressed, { code, body, headers, warnings = [] }: WrittenBytes): void {
  const { response } = exchange;
  if (response.destroyed || response.headersSent) return;
  if (body.length < gzipFrom) return writeBytes(exchange, { code, bytes: Buffer.concat(body.pieces), headers, warnings });
  const zipped = acceptsGzip(exchange);
  const list = headerList(exchange, zipped ? zippedHeaders(headers) : headers, warnings);
  if (!zipped) list.push('Content-Length', String(body.length));
  response.writeHead(code, list);
  // Who goes away ends it: there is nobody left to tell.
  const gone = (): void => undefined;
  const pieces = Readable.from(blocksOf(body.pieces), { objectMode: false });
  if (zipped) pipeline(pieces, createGzip({ level: 4 }), response, gone);
  else pipeline(pieces, response, gone);
}

/** Many little pieces would each be a write of its own. */
function* blocksOf(pieces: readonly Uint8Array[]): Iterable<Uint8Array> {
  let block: Uint8Array[] = [];
  let length = 0;
  for (const piece of pieces) {
    block.push(piece);
    length += piece.length;
    if (length < blockBytes) continue;
    yield Buffer.concat(block);
    [block, length] = [[], 0];
  }
  if (length > 0) yield Buffer.concat(block);
}

const blockBytes = 64 * 1024;

/** Writes the head of a response whose body follows in pieces. */
export function beginResponse(exchange: Addressed, code: number, headers: Headers, warnings: readonly string[] = []): void {
  if (exchange.response.headersSent) return;
  exchange.response.writeHead(code, headerList(exchange, headers, warnings));
}

/** Writes a failure in JSON, with the headers that belong to its code. */
export function sendFailure(exchange: Addressed, status: StatusFailure, warnings: readonly string[] = []): void {
  exchange.inFlight.failure ??= status;
  sendText(exchange, { code: status.code, text: `${JSON.stringify(status)}\n`, headers: failureHeaders(status), warnings });
}

/** Whether the body should be indented: asked for, or read by someone at a terminal or in a browser. */
export function isPretty({ request, path }: Pick<Exchange, 'request' | 'path'>): boolean {
  const asked = path.query.get('pretty');
  if (asked !== null) return isOn(asked);
  const agent = request.headers['user-agent'];
  return agent !== undefined && (agent.startsWith('curl/') || agent.startsWith('Wget/') || agent.startsWith('Mozilla/5.0'));
}

export const prettyText = (text: string): string => `${JSON.stringify(parseJson(text), undefined, 2)}\n`;

export function acceptsGzip({ request }: Pick<Exchange, 'request'>): boolean {
  const accepted = request.headers['accept-encoding'];
  return typeof accepted === 'string' && /(^|,)\s*gzip\s*(?!;\s*q=0(\.0*)?\s*(,|$))/.test(accepted);
}

export function zippedHeaders(headers: Headers): Headers {
  const vary = headers['Vary'];
  return { ...headers, 'Content-Encoding': 'gzip', Vary: vary === undefined ? 'Accept-Encoding' : `${vary}, Accept-Encoding` };
}

function failureHeaders({ code, details }: StatusFailure): Headers {
  const headers: Record<string, string> = { ...jsonHeaders };
  if (details?.retryAfterSeconds !== undefined) headers['Retry-After'] = String(details.retryAfterSeconds);
  if (code === 401) headers['WWW-Authenticate'] = 'Bearer realm="tributary"';
  if (code === 403) headers['X-Content-Type-Options'] = 'nosniff';
  // Some of the body may still be on its way; the connection cannot be used for another request.
  if (code === 413) headers['Connection'] = 'close';
  return headers;
}

function sendPlain(exchange: Addressed, { code, text, headers, warnings = [], bytes = Buffer.byteLength(text) }: Written): void {
  const { response } = exchange;
  const list = headerList(exchange, headers, warnings);
  if (code !== 304) list.push('Content-Length', String(bytes));
  response.writeHead(code, list);
  response.end(text);
}

type WrittenBytes = Omit<Written, 'text' | 'bytes'> & { readonly body: Body };
type WrittenBlock = Omit<Written, 'text' | 'bytes'> & { readonly bytes: Uint8Array };

function writeBytes(exchange: Addressed, { code, bytes, headers, warnings = [] }: WrittenBlock): void {
  const { response } = exchange;
  if (response.destroyed || response.headersSent) return;
  const list = headerList(exchange, headers, warnings);
  list.push('Content-Length', String(bytes.length));
  response.writeHead(code, list);
  response.end(bytes);
}

function headerList({ auditId }: Pick<Exchange, 'auditId'>, headers: Headers, warnings: readonly string[]): string[] {
  const list = ['Audit-Id', auditId];
  if (headers['Cache-Control'] === undefined) list.push('Cache-Control', 'no-cache, private');
  for (const name in headers) list.push(name, headers[name] as string);
  if (warnings.length > 0) for (const value of warningHeaders(warnings)) list.push('Warning', value);
  return list;
}

/** Resolves when `out` takes more, or when the response that it leads to is gone. */
export function drained(out: Writable, response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const settle = (): void => {
      out.off('drain', settle);
      response.off('close', settle);
      resolve();
    };
    out.on('drain', settle);
    response.on('close', settle);
  });
}
