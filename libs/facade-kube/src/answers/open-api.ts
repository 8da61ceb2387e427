import { negotiateAccept, negotiateOpenApiV2, openApiV2Protobuf, statusFailure, type ServedKind } from '#kube';
import { failure, type Answer, type Exchange } from '../exchange.ts';
import type { BarePath } from '../request-path.ts';
import { jsonHeaders } from '../http/send.ts';
import { documentsOf, type Document, type Documents } from '../open-api/documents.ts';

/** `/openapi/v3` and its documents in JSON, `/openapi/v2` in JSON and protobuf. */
export async function answerOpenApi(exchange: Exchange<BarePath>, served: readonly ServedKind[]): Promise<Answer | undefined> {
  const [, edition, ...group] = exchange.path.segments;
  const documents = documentsOf(served, exchange.options.openApi);
  if (edition === 'v2' && group.length === 0) return answerV2(exchange, documents);
  if (edition !== 'v3') return undefined;
  if (negotiateAccept(exchange.request.headers.accept, 'plain').type === 'notAcceptable') return notAcceptable('application/json');
  if (group.length === 0) return answerRoot(exchange, documents);
  const document = await documents.v3(group.join('/'));
  return document === undefined ? undefined : answerHashed(exchange, document, group.join('/'));
}

const notAcceptable = (served: string): Answer =>
  failure(statusFailure('NotAcceptable', `only the following media types are accepted: ${served}`));

async function answerV2(exchange: Exchange<BarePath>, documents: Documents): Promise<Answer> {
  switch (negotiateOpenApiV2(exchange.request.headers.accept)) {
    case 'json':
      return answerTagged(exchange, await documents.v2());
    case 'protobuf':
      return answerTagged(exchange, await documents.v2Protobuf(), { 'Content-Type': openApiV2Protobuf.sent });
    case undefined:
      return notAcceptable(`application/json, ${openApiV2Protobuf.asked}`);
  }
}

/** Links carry the workspace's prefix: some clients use them as they stand. */
function linkTo({ path }: Exchange<BarePath>, name: string, hash: string): string {
  return `/clusters/${path.workspace}/openapi/v3/${name}?hash=${hash}`;
}

async function answerRoot(exchange: Exchange<BarePath>, documents: Documents): Promise<Answer> {
  const paths: Record<string, { readonly serverRelativeURL: string }> = {};
  for (const name of documents.names) {
    const hash = await documents.hashOfV3(name);
    if (hash !== undefined) paths[name] = { serverRelativeURL: linkTo(exchange, name, hash) };
  }
  return { type: 'text', code: 200, text: `${JSON.stringify({ paths })}\n`, headers: jsonHeaders };
}

const yearMs = 365 * 24 * 3_600_000;

/** A document under its hash never changes; under another hash it is somewhere else. */
function answerHashed(exchange: Exchange<BarePath>, document: Document, name: string): Answer {
  const asked = exchange.path.query.get('hash');
  if (asked === null || asked === '') return answerTagged(exchange, document);
  if (asked !== document.hash) return { type: 'text', code: 301, text: '', headers: { Location: linkTo(exchange, name, document.hash) } };
  return answerTagged(exchange, document, { 'Cache-Control': 'public, immutable', Expires: new Date(Date.now() + yearMs).toUTCString() });
}

function answerTagged({ request }: Exchange<BarePath>, body: Document, more: Readonly<Record<string, string>> = {}): Answer {
  const headers = { ...jsonHeaders, ETag: `"${body.hash}"`, Vary: 'Accept', ...more };
  return request.headers['if-none-match'] === headers.ETag
    ? { type: 'text', code: 304, text: '', headers }
    : { type: 'bytes', code: 200, body, headers };
}
