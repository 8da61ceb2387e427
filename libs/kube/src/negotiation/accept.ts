export type ResponseMediaType = 'json' | 'yaml';
export type TransformKind = 'Table' | 'PartialObjectMetadata' | 'PartialObjectMetadataList' | 'APIGroupDiscoveryList';

/** What an Accept header chose: how to write, and as what. `version` is of the transform's group. */
export type Representation = { readonly mediaType: ResponseMediaType; readonly transform?: Transform };
export type Transform = { readonly kind: TransformKind; readonly version: string };

/** Which alternatives an endpoint can serve beside the plain object. */
export type Offer = 'object' | 'discovery' | 'plain';

export type Negotiation =
  { readonly type: 'accepted'; readonly representation: Representation } | { readonly type: 'notAcceptable'; readonly message: string };

/**
 * Chooses the first alternative, by quality and then by order, that can be served; JSON wherever a wildcard leaves it open.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#alternate-representations-of-resources
 */
export function negotiateAccept(header: string | undefined, offer: Offer): Negotiation {
  if (header === undefined || header === '' || header === '*/*' || header === 'application/json') return plainJson;
  for (const clause of parseAccept(header)) {
    const representation = serve(clause, offer);
    if (representation !== undefined) return { type: 'accepted', representation };
  }
  return notAcceptable;
}

/** How to write the OpenAPI v2 document: it has a protobuf form of its own. Undefined: in no way that is acceptable. */
export function negotiateOpenApiV2(header: string | undefined): 'json' | 'protobuf' | undefined {
  if (header === undefined || header === '') return 'json';
  for (const { mediaType } of parseAccept(header)) {
    if (mediaType === openApiV2Protobuf.asked || mediaType === openApiV2Protobuf.sent) return 'protobuf';
    if (mediaTypes[mediaType] === 'json') return 'json';
  }
  return undefined;
}

/** The `@` may stand in an Accept header, and not in a Content-Type. */
export const openApiV2Protobuf = {
  asked: 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf',
  sent: 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf',
} as const;

export const servedMediaTypes = 'application/json, application/yaml, application/vnd.kubernetes.protobuf';

const plainJson: Negotiation = { type: 'accepted', representation: { mediaType: 'json' } };
const notAcceptable: Negotiation = { type: 'notAcceptable', message: `only the following media types are accepted: ${servedMediaTypes}` };

type Clause = {
  readonly mediaType: string;
  readonly as: string;
  readonly group: string;
  readonly version: string;
  readonly quality: number;
};

const parsedHeaders = new Map<string, readonly Clause[]>();
const parsedHeadersMax = 200;

/** Clients send a handful of headers, over and over. */
function parseAccept(header: string): readonly Clause[] {
  const known = parsedHeaders.get(header);
  if (known !== undefined) return known;
  const clauses = header
    .slice(0, 8_192)
    .split(',')
    .map(parseClause)
    .filter(({ quality }) => quality > 0)
    .sort((a, b) => b.quality - a.quality);
  if (header.length <= 1_024) {
    if (parsedHeaders.size >= parsedHeadersMax) parsedHeaders.clear();
    parsedHeaders.set(header, clauses);
  }
  return clauses;
}

function parseClause(text: string): Clause {
  const [mediaType = '', ...parameters] = text.split(';').map((part) => part.trim());
  const named = { as: '', g: '', v: '', q: '1' };
  for (const parameter of parameters) {
    const [name = '', value = ''] = parameter.split('=', 2).map((part) => part.trim());
    if (name === 'as' || name === 'g' || name === 'v' || name === 'q') named[name] = value;
  }
  const quality = Number(named.q);
  return {
    mediaType: mediaType.toLowerCase(),
    as: named.as,
    group: named.g,
    version: named.v,
    quality: Number.isFinite(quality) ? quality : 1,
  };
}

function serve(clause: Clause, offer: Offer): Representation | undefined {
  const mediaType = mediaTypes[clause.mediaType];
  if (mediaType === undefined) return undefined;
  if (clause.as === '') return { mediaType };
  const offered = transforms[offer].find(
    ({ kind, group, version }) => kind === clause.as && group === clause.group && version === clause.version,
  );
  return offered === undefined ? undefined : { mediaType, transform: { kind: offered.kind, version: offered.version } };
}

const mediaTypes: Readonly<Record<string, ResponseMediaType | undefined>> = Object.assign(
  Object.create(null) as object,
  {
    'application/json': 'json',
    'application/yaml': 'yaml',
    'application/*': 'json',
    '*/*': 'json',
  } as const,
);

type OfferedTransform = Transform & { readonly group: string };

const inMeta = (kind: TransformKind): readonly OfferedTransform[] =>
  ['v1', 'v1beta1'].map((version) => ({ kind, version, group: 'meta.k8s.io' }));

const transforms: Readonly<Record<Offer, readonly OfferedTransform[]>> = {
  object: [...inMeta('Table'), ...inMeta('PartialObjectMetadata'), ...inMeta('PartialObjectMetadataList')],
  discovery: ['v2', 'v2beta1'].map((version) => ({ kind: 'APIGroupDiscoveryList', version, group: 'apidiscovery.k8s.io' })),
  plain: [],
};
