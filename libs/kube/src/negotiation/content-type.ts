import { servedMediaTypes } from './accept.ts';
import type { ServedKind } from '../served-kind.ts';
import type { BodyMediaType } from '../decode/decode-body.ts';

export type PatchMediaType =
  | 'application/json-patch+json'
  | 'application/merge-patch+json'
  | 'application/strategic-merge-patch+json'
  | 'application/apply-patch+yaml';

export type ContentNegotiation<MediaType> =
  { readonly type: 'accepted'; readonly mediaType: MediaType } | { readonly type: 'unsupported'; readonly message: string };

/** What a request body is written in, of any kind. A missing Content-Type means JSON. */
export function negotiateBody(header: string | undefined): ContentNegotiation<BodyMediaType> {
  if (header === undefined || header === '' || header === 'application/json') return jsonBody;
  const mediaType = bareMediaType(header);
  if (mediaType === 'application/json' || mediaType === '') return jsonBody;
  return mediaType === 'application/yaml' ? { type: 'accepted', mediaType } : unsupported(servedMediaTypes);
}

/** The same of a kind that clients have compiled in: they may send it as protobuf. */
export function negotiateTypedBody(header: string | undefined): ContentNegotiation<BodyMediaType | typeof protobufMediaType> {
  return header !== undefined && bareMediaType(header) === protobufMediaType
    ? { type: 'accepted', mediaType: protobufMediaType }
    : negotiateBody(header);
}

const protobufMediaType = 'application/vnd.kubernetes.protobuf';

/** Which patch a request sends. There is no default. */
export function negotiatePatch(header: string | undefined, kind: Pick<ServedKind, 'compiledIn'>): ContentNegotiation<PatchMediaType> {
  const mediaType = bareMediaType(header ?? '');
  const served = patchTypesOf(kind);
  const patch = served.find((type) => type === mediaType);
  return patch === undefined ? unsupported(served.join(', ')) : { type: 'accepted', mediaType: patch };
}

/** The patches that a kind takes, in the order in which messages and documents name them. */
export const patchTypesOf = ({ compiledIn }: Pick<ServedKind, 'compiledIn'>): readonly PatchMediaType[] =>
  compiledIn === true ? compiledInPatchTypes : customPatchTypes;

const plainPatchTypes: readonly PatchMediaType[] = ['application/json-patch+json', 'application/merge-patch+json'];
const customPatchTypes: readonly PatchMediaType[] = [...plainPatchTypes, 'application/apply-patch+yaml'];
const compiledInPatchTypes: readonly PatchMediaType[] = [
  ...plainPatchTypes,
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
];

const jsonBody: ContentNegotiation<BodyMediaType> = { type: 'accepted', mediaType: 'application/json' };

function bareMediaType(header: string): string {
  const semicolon = header.indexOf(';');
  return (semicolon === -1 ? header : header.slice(0, semicolon)).trim().toLowerCase();
}

function unsupported(mediaTypes: string): { readonly type: 'unsupported'; readonly message: string } {
  return { type: 'unsupported', message: `the body of the request was in an unknown format - accepted media types include: ${mediaTypes}` };
}
