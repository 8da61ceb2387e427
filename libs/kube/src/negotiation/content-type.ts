import { servedMediaTypes } from './accept.ts';
import type { BodyMediaType } from '../decode/decode-body.ts';

export type PatchMediaType = 'application/json-patch+json' | 'application/merge-patch+json' | 'application/apply-patch+yaml';

export type ContentNegotiation<MediaType> =
  { readonly type: 'accepted'; readonly mediaType: MediaType } | { readonly type: 'unsupported'; readonly message: string };

/** What a request body is written in. A missing Content-Type means JSON. */
export function negotiateBody(header: string | undefined): ContentNegotiation<BodyMediaType> {
  if (header === undefined || header === '' || header === 'application/json') return jsonBody;
  const mediaType = bareMediaType(header);
  if (mediaType === 'application/json' || mediaType === '') return jsonBody;
  return mediaType === 'application/yaml' ? { type: 'accepted', mediaType } : unsupported(servedMediaTypes);
}

/** Which patch a request sends. There is no default. */
export function negotiatePatch(header: string | undefined): ContentNegotiation<PatchMediaType> {
  const mediaType = bareMediaType(header ?? '');
  const patch = patchMediaTypes.find((served) => served === mediaType);
  return patch === undefined ? unsupported(patchMediaTypes.join(', ')) : { type: 'accepted', mediaType: patch };
}

const patchMediaTypes = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/apply-patch+yaml',
] as const satisfies readonly PatchMediaType[];

const jsonBody: ContentNegotiation<BodyMediaType> = { type: 'accepted', mediaType: 'application/json' };

function bareMediaType(header: string): string {
  const semicolon = header.indexOf(';');
  return (semicolon === -1 ? header : header.slice(0, semicolon)).trim().toLowerCase();
}

function unsupported(mediaTypes: string): { readonly type: 'unsupported'; readonly message: string } {
  return { type: 'unsupported', message: `the body of the request was in an unknown format - accepted media types include: ${mediaTypes}` };
}
