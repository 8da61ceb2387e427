import { createHash } from 'node:crypto';
import { negotiateAccept, negotiateOpenApiV2, openApiV2Protobuf, statusFailure, type ServedKind } from '#kube';
import { failure, type Answer, type Exchange, type OpenApiDocuments } from '../exchange.ts';
import type { BarePath } from '../request-path.ts';
import { jsonHeaders } from '../http/send.ts';

/** `/openapi/v3` and its documents in JSON, `/openapi/v2` in JSON and protobuf. */
export function answerOpenApi(exchange: Exchange<BarePath>, served: readonly ServedKind[]): Answer | undefined {
  const [, edition, ...group] = exchange.path.segments;
  const documents = documentsOf(served, exchange.options.openApi);
  if (edition === 'v2' && group.length === 0) return answerV2(exchange, documents);
  if (edition !== 'v3') return undefined;
  if (negotiateAccept(exchange.request.headers.accept, 'plain').type === 'notAcceptable') return notAcceptable('application/json');
  if (group.length === 0) return answerRoot(exchange, documents);
  const document = documents.v3(group.join('/'));
  return document === undefined ? undefined : answerHashed(exchange, document, group.join('/'));
}

const notAcceptable = (served: string): Answer =>
  failure(statusFailure('NotAcceptable', `only the following media types are accepted: ${served}`));

function answerV2(exchange: Exchange<BarePath>, documents: Documents): Answer {
  switch (negotiateOpenApiV2(exchange.request.headers.accept)) {
    case 'json':
      return answerTagged(exchange, documents.v2());
    case 'protobuf': {
      const { bytes, hash } = documents.v2Protobuf();
      const headers = { 'Content-Type': openApiV2Protobuf.sent, ETag: `"${hash}"`, Vary: 'Accept' };
      return exchange.request.headers['if-none-match'] === headers.ETag
        ? { type: 'text', code: 304, text: '', headers }
        : { type: 'bytes', code: 200, bytes, headers };
    }
    case undefined:
      return notAcceptable(`application/json, ${openApiV2Protobuf.asked}`);
  }
}

type Document = { readonly bytes: Uint8Array; readonly hash: string };
type Documents = {
  /** `api/v1`, `apis/<group>/<version>`. */
  readonly names: readonly string[];
  readonly v3: (name: string) => Document | undefined;
  readonly v2: () => Document;
  readonly v2Protobuf: () => Document;
};

/** Made once per list of kinds, which workspaces that serve the same share. Each document is made when it is first asked for. */
const documentsByKinds = new WeakMap<readonly ServedKind[], Documents>();

function documentsOf(served: readonly ServedKind[], openApi: OpenApiDocuments): Documents {
  let documents = documentsByKinds.get(served);
  if (documents === undefined) documentsByKinds.set(served, (documents = makeDocuments(served, openApi)));
  return documents;
}

function makeDocuments(served: readonly ServedKind[], openApi: OpenApiDocuments): Documents {
  const kindsOf = new Map<string, { readonly group: string; readonly version: string; readonly kinds: ServedKind[] }>();
  for (const kind of served)
    for (const version of kind.versions) {
      if (!version.served) continue;
      const name = kind.group === '' ? `api/${version.name}` : `apis/${kind.group}/${version.name}`;
      const known = kindsOf.get(name);
      if (known === undefined) kindsOf.set(name, { group: kind.group, version: version.name, kinds: [kind] });
      else known.kinds.push(kind);
    }
  const made = new Map<string, Document>();
  const once = (name: string, make: () => ReturnType<OpenApiDocuments['v2']>): Document => {
    const known = made.get(name);
    if (known !== undefined) return known;
    const document = make();
    const written = { bytes: Buffer.from(JSON.stringify(document)), hash: openApi.hash(document) };
    made.set(name, written);
    return written;
  };
  let binary: ReturnType<Documents['v2Protobuf']> | undefined;
  return {
    names: [...kindsOf.keys()],
    v2: () => once('v2', () => openApi.v2(served)),
    v2Protobuf: () => (binary ??= binaryOf(openApi.v2Protobuf(openApi.v2(served)))),
    v3: (name) => {
      const asked = kindsOf.get(name);
      return asked === undefined ? undefined : once(name, () => openApi.v3(asked.group, asked.version, asked.kinds));
    },
  };
}

const binaryOf = (bytes: Uint8Array) => ({ bytes, hash: createHash('sha512').update(bytes).digest('hex').toUpperCase() });

/** Links carry the workspace's prefix: some clients use them as they stand. */
function linkTo({ path }: Exchange<BarePath>, name: string, { hash }: Document): string {
  return `/clusters/${path.workspace}/openapi/v3/${name}?hash=${hash}`;
}

function answerRoot(exchange: Exchange<BarePath>, documents: Documents): Answer {
  const paths: Record<string, { readonly serverRelativeURL: string }> = {};
  for (const name of documents.names) {
    const document = documents.v3(name);
    if (document !== undefined) paths[name] = { serverRelativeURL: linkTo(exchange, name, document) };
  }
  return { type: 'text', code: 200, text: `${JSON.stringify({ paths })}\n`, headers: jsonHeaders };
}

const yearMs = 365 * 24 * 3_600_000;

/** A document under its hash never changes; under another hash it is somewhere else. */
function answerHashed(exchange: Exchange<BarePath>, document: Document, name: string): Answer {
  const asked = exchange.path.query.get('hash');
  if (asked === null || asked === '') return answerTagged(exchange, document);
  if (asked !== document.hash) return { type: 'text', code: 301, text: '', headers: { Location: linkTo(exchange, name, document) } };
  return answerTagged(exchange, document, { 'Cache-Control': 'public, immutable', Expires: new Date(Date.now() + yearMs).toUTCString() });
}

function answerTagged({ request }: Exchange<BarePath>, { bytes, hash }: Document, more: Readonly<Record<string, string>> = {}): Answer {
  const headers = { ...jsonHeaders, ETag: `"${hash}"`, Vary: 'Accept', ...more };
  return request.headers['if-none-match'] === headers.ETag
    ? { type: 'text', code: 304, text: '', headers }
    : { type: 'bytes', code: 200, bytes, headers };
}
