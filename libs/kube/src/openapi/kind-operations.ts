import type { KubeVerb, ServedKind, ServedVersion } from '../served-kind.ts';

export type GroupVersionKind = { readonly group: string; readonly version: string; readonly kind: string };

/** What one operation does; the two versions of OpenAPI write it down differently. */
export type KubeOperation = {
  readonly path: string;
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  readonly id: string;
  readonly tag: string;
  readonly description: string;
  /** `list`, `get`, `post`, `put`, `patch`, `delete`, `deletecollection`. */
  readonly action: string;
  readonly gvk: GroupVersionKind;
  readonly query: readonly QueryParameter[];
  readonly answer: 'object' | 'list' | 'status' | 'scale';
  readonly body: 'object' | 'patch' | 'deleteOptions' | 'scale' | undefined;
};

export type QueryParameter = { readonly name: string; readonly type: 'string' | 'integer' | 'boolean'; readonly description: string };

export const objectTypes = ['application/json', 'application/yaml'];

/** Path parameters, by the name that stands in braces. */
export const pathParameters: { readonly [name: string]: string } = {
  name: 'Name of the object.',
  namespace: 'Namespace of the object.',
};

type Endpoint = { readonly path: string; readonly scope: string; readonly subresource: string };

/** Every operation that a kind serves in one version. */
export function kindOperations(kind: ServedKind, version: ServedVersion): readonly KubeOperation[] {
  const root = kind.group === '' ? `/api/${version.name}` : `/apis/${kind.group}/${version.name}`;
  const all = `${root}/${kind.resource}`;
  const scope = kind.namespaced ? 'Namespaced' : '';
  const collection = { path: kind.namespaced ? `${root}/namespaces/{namespace}/${kind.resource}` : all, scope, subresource: '' };
  const named = { ...collection, path: `${collection.path}/{name}` };
  const below = (subresource: string) => ({ path: `${named.path}/${subresource}`, scope, subresource });
  const operations = (verbs: readonly (KubeVerb | 'listAll')[], endpoint: Endpoint): readonly KubeOperation[] =>
    verbs.filter((verb) => kind.verbs.includes(verb === 'listAll' ? 'list' : verb)).map((verb) => operation(kind, version, verb, endpoint));
  return [
    ...operations(['list', 'create', 'deletecollection'], collection),
    ...operations(['get', 'update', 'patch', 'delete'], named),
    ...(version.statusSubresource ? operations(['get', 'update', 'patch'], below('status')) : []),
    ...(version.scale ? operations(['get', 'update', 'patch'], below('scale')).map(ofScale) : []),
    ...(kind.namespaced ? operations(['listAll'], { path: all, scope: '', subresource: '' }) : []),
  ];
}

/** The endpoint shows another kind than the object's. */
const ofScale = (operation: KubeOperation): KubeOperation => ({
  ...operation,
  gvk: { group: 'autoscaling', version: 'v1', kind: 'Scale' },
  answer: 'scale',
  body: operation.body === 'object' ? 'scale' : operation.body,
});

type Form = Pick<KubeOperation, 'method' | 'action' | 'answer' | 'body' | 'query'> & { readonly word: string; readonly does: string };

function operation(kind: ServedKind, version: ServedVersion, verb: KubeVerb | 'listAll', endpoint: Endpoint): KubeOperation {
  const form = forms[verb];
  const { word, does, ...rest } = form;
  const groupVersion = camelCase(kind.group === '' ? `core.${version.name}` : `${kind.group}.${version.name}`);
  const suffix =
    verb === 'listAll' ? 'ForAllNamespaces' : endpoint.subresource === '' ? '' : endpoint.subresource === 'scale' ? 'Scale' : 'Status';
  const what = endpoint.subresource === '' ? does : `${does} the ${endpoint.subresource} of`;
  return {
    ...rest,
    path: endpoint.path,
    id: `${word}${groupVersion}${endpoint.scope}${kind.kind}${suffix}`,
    tag: `${groupVersion.charAt(0).toLowerCase()}${groupVersion.slice(1, -version.name.length)}_${version.name}`,
    description: `${what} ${kind.kind}`,
    gvk: { group: kind.group, version: version.name, kind: kind.kind },
  };
}

function camelCase(dotted: string): string {
  return dotted.replaceAll(/(?:^|[^a-zA-Z0-9]+)([a-zA-Z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

const text = (name: string, description: string): QueryParameter => ({ name, type: 'string', description });
const flag = (name: string, description: string): QueryParameter => ({ name, type: 'boolean', description });
const count = (name: string, description: string): QueryParameter => ({ name, type: 'integer', description });

const pretty = text('pretty', 'true: indent the answer.');
const dryRun = text('dryRun', 'All: check everything, change nothing.');
const fieldManager = text('fieldManager', 'Who makes the change, at most 128 printable characters.');
const fieldValidation = text('fieldValidation', 'What becomes of unknown and duplicate fields: Ignore, Warn or Strict.');
const writing = [pretty, dryRun, fieldManager, fieldValidation];
const force = flag('force', 'Take over fields that others manage. Only for apply.');

const listing = [
  pretty,
  flag('allowWatchBookmarks', 'Whether a watch may send bookmarks.'),
  text('continue', 'Where the previous page ended.'),
  text('fieldSelector', 'Selects by fields.'),
  text('labelSelector', 'Selects by labels.'),
  count('limit', 'At most so many objects per page.'),
  text('resourceVersion', 'The state to start from.'),
  text('resourceVersionMatch', 'How resourceVersion is meant: Exact or NotOlderThan.'),
  flag('sendInitialEvents', 'Whether a watch starts with what exists.'),
  count('timeoutSeconds', 'How long a watch lasts.'),
];
const watch = flag('watch', 'Answer with a stream of changes.');

const deleting = [
  dryRun,
  count('gracePeriodSeconds', 'Seconds before deletion.'),
  flag('orphanDependents', 'Old form of propagationPolicy.'),
  text('propagationPolicy', 'What becomes of dependents: Orphan, Background or Foreground.'),
];

const list: Form = {
  method: 'get',
  action: 'list',
  answer: 'list',
  body: undefined,
  query: [...listing, watch],
  word: 'list',
  does: 'list or watch',
};

const forms: Readonly<Record<KubeVerb | 'listAll', Form>> = {
  list,
  listAll: list,
  watch: list,
  get: {
    method: 'get',
    action: 'get',
    answer: 'object',
    body: undefined,
    query: [pretty, text('resourceVersion', 'Not older than this.')],
    word: 'read',
    does: 'read',
  },
  create: { method: 'post', action: 'post', answer: 'object', body: 'object', query: writing, word: 'create', does: 'create' },
  update: { method: 'put', action: 'put', answer: 'object', body: 'object', query: writing, word: 'replace', does: 'replace' },
  patch: { method: 'patch', action: 'patch', answer: 'object', body: 'patch', query: [...writing, force], word: 'patch', does: 'change' },
  delete: {
    method: 'delete',
    action: 'delete',
    answer: 'status',
    body: 'deleteOptions',
    query: [pretty, ...deleting],
    word: 'delete',
    does: 'delete',
  },
  deletecollection: {
    method: 'delete',
    action: 'deletecollection',
    answer: 'list',
    body: 'deleteOptions',
    query: [...listing, ...deleting],
    word: 'deleteCollection',
    does: 'delete all or selected',
  },
};
