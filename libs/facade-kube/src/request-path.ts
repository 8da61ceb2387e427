import { selectedName } from '#kube';

/** What a URL asks for. Authorization, routing and answers all read this one value; nothing else looks at the URL. */
export type RequestPath = ResourcePath | BarePath | RefusedPath;

type Located = {
  /** Path or cluster name of the workspace, decoded; undefined at the bare root. */
  readonly workspace: string | undefined;
  /** Decoded, without the workspace's prefix: `/api/v1/namespaces`. */
  readonly path: string;
  readonly query: URLSearchParams;
};

export type ResourcePath = Located & {
  readonly type: 'resource';
  /** A Kubernetes verb (`get`, `deletecollection`), or the method in lower case where it means none. */
  readonly verb: string;
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  /** '' where the URL names none. */
  readonly namespace: string;
  readonly name: string;
  readonly subresource: string;
  /** The one object that a list, watch or deletecollection is narrowed to by its field selector. Rights to that name suffice. */
  readonly selectedName: string | undefined;
};

/** Discovery, OpenAPI, version, health. `segments` are the decoded parts of `path`. */
export type BarePath = Located & {
  readonly type: 'path';
  readonly verb: string;
  readonly segments: readonly string[];
  /** Set where another facade answers, behind the same gate. */
  readonly neighbour?: NeighbourName;
};

export type NeighbourName = 'graphql';

/** Names nothing: wrong escapes, dots, empty or slashed segments, a workspace inside a workspace. */
export type RefusedPath = { readonly type: 'refused'; readonly path: string };

/**
 * Splits the URL as it came over the wire, then decodes each segment, so that no escape can become a boundary.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-uris, below `/clusters/<workspace>`.
 */
export function parseRequestPath(method: string, rawUrl: string): RequestPath {
  const mark = rawUrl.indexOf('?');
  const rawPath = mark === -1 ? rawUrl : rawUrl.slice(0, mark);
  const segments = decodeSegments(rawPath);
  if (segments === undefined) return { type: 'refused', path: rawPath };
  if (segments[0] === 'api' && segments[1] === 'clusters') return parseNeighbour(rawPath, rawUrl, segments.slice(2));
  const isBelowWorkspace = segments[0] === 'clusters';
  const workspace = isBelowWorkspace ? segments[1] : undefined;
  const inside = isBelowWorkspace ? segments.slice(2) : segments;
  if (isBelowWorkspace && (workspace === undefined || !workspaceText.test(workspace))) return { type: 'refused', path: rawPath };
  if (inside[0] === 'clusters') return { type: 'refused', path: rawPath };
  const query = mark === -1 ? noQuery : new URLSearchParams(rawUrl.slice(mark + 1));
  return parseInside(method, { workspace, path: `/${inside.join('/')}`, query }, inside);
}

/** `/api/clusters/<workspace>/graphql`. Whoever may discover what a workspace serves may ask there; each answer is authorised by itself. */
function parseNeighbour(rawPath: string, rawUrl: string, [workspace = '', neighbour, ...more]: readonly string[]): RequestPath {
  if (!workspaceText.test(workspace) || neighbour !== 'graphql' || more.length > 0) return { type: 'refused', path: rawPath };
  const mark = rawUrl.indexOf('?');
  const query = mark === -1 ? noQuery : new URLSearchParams(rawUrl.slice(mark + 1));
  return { type: 'path', verb: 'get', workspace, path: `/api/${neighbour}`, segments: [neighbour], neighbour, query };
}

/** Path elements joined by colons, or a cluster name. */
const workspaceText = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(:[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const noQuery = new URLSearchParams();

function decodeSegments(rawPath: string): readonly string[] | undefined {
  if (!rawPath.startsWith('/')) return undefined;
  const raw = rawPath.slice(1).split('/');
  // One slash at the end is how people type collections.
  if (raw.at(-1) === '') raw.pop();
  const segments: string[] = [];
  for (const segment of raw) {
    const decoded = segment.includes('%') ? decodeSegment(segment) : segment;
    if (decoded === undefined || decoded === '' || decoded === '.' || decoded === '..' || forbidden.test(decoded)) return undefined;
    segments.push(decoded);
  }
  return segments;
}

const forbidden = /[/\\#\u0000-\u001f\u007f]/;

function decodeSegment(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}

function parseInside(method: string, located: Located, segments: readonly string[]): RequestPath {
  const [root, first, second] = segments;
  const isCore = root === 'api';
  const rest = isCore ? 2 : 3;
  if ((!isCore && root !== 'apis') || segments.length <= rest) return { type: 'path', verb: plainVerb(method), segments, ...located };
  const isWatchPath = segments[rest] === 'watch' && segments.length > rest + 1;
  const parts = segments.slice(isWatchPath ? rest + 1 : rest);
  const named = nameParts(parts);
  if (named === undefined) return { type: 'refused', path: located.path };
  const verb = isWatchPath && isReading(method) ? 'watch' : verbOf(method, named.name, located.query);
  const fieldSelector = named.name === '' && located.query.size > 0 ? located.query.get('fieldSelector') : null;
  return {
    type: 'resource',
    verb,
    group: isCore ? '' : (first ?? ''),
    version: (isCore ? first : second) ?? '',
    ...named,
    selectedName: fieldSelector === null ? undefined : selectedName(fieldSelector),
    ...located,
  };
}

type Named = Pick<ResourcePath, 'resource' | 'namespace' | 'name' | 'subresource'>;

/** `namespaces/{namespace}/{x}` is a resource in a namespace, unless x is one of a Namespace's own subresources. */
function nameParts(parts: readonly string[]): Named | undefined {
  const isInNamespace = parts[0] === 'namespaces' && parts.length > 2 && !namespaceSubresources.has(parts[2] ?? '');
  const [resource = '', name = '', subresource = '', ...more] = isInNamespace ? parts.slice(2) : parts;
  if (more.length > 0) return undefined;
  return { resource, namespace: isInNamespace ? (parts[1] ?? '') : '', name, subresource };
}

const namespaceSubresources: ReadonlySet<string> = new Set(['status', 'finalize']);

const isReading = (method: string): boolean => method === 'GET' || method === 'HEAD';
const plainVerb = (method: string): string => (isReading(method) ? 'get' : (writeVerbs[method] ?? method.toLowerCase()));

const writeVerbs: Readonly<Record<string, string | undefined>> = Object.assign(Object.create(null) as object, {
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
});

function verbOf(method: string, name: string, query: URLSearchParams): string {
  if (name !== '') return plainVerb(method);
  if (method === 'DELETE') return 'deletecollection';
  if (method === 'GET' && isOn(query.get('watch'))) return 'watch';
  return isReading(method) ? 'list' : plainVerb(method);
}

/** How upstream reads a boolean query parameter: there and not denied. */
export function isOn(value: string | null): boolean {
  return value !== null && value !== '0' && value.toLowerCase() !== 'false';
}
