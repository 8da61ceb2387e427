import type { KubeVerb, ServedKind, ServedVersion } from '../served-kind.ts';
import { modelName } from './kind-schema.ts';

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

/** Which operations there are. Kinds of one form differ in names only. */
export type OperationForm = {
  readonly verbs: readonly KubeVerb[];
  readonly namespaced: boolean;
  readonly statusSubresource: boolean;
  readonly scaled: boolean;
  readonly compiledIn: boolean;
};

export function formOf({ verbs, namespaced, compiledIn = false }: ServedKind, { statusSubresource, scale }: ServedVersion): OperationForm {
  return { verbs, namespaced, statusSubresource, scaled: scale !== undefined, compiledIn };
}

/** All that tells the operations of one kind from those of another of its form. */
export type OperationNames = Readonly<Record<OperationName, string>>;
export type OperationName = (typeof operationNames)[number];
export const operationNames = [
  'root',
  'resource',
  'group',
  'version',
  'kind',
  'groupVersionInIds',
  'tag',
  'objectModel',
  'listModel',
] as const;

export function operationNamesOf({ group, resource, kind, listKind }: ServedKind, { name: version }: ServedVersion): OperationNames {
  const groupVersionInIds = camelCase(group === '' ? `core.${version}` : `${group}.${version}`);
  return {
    root: group === '' ? `/api/${version}` : `/apis/${group}/${version}`,
    resource,
    group,
    version,
    kind,
    groupVersionInIds,
    tag: `${groupVersionInIds.charAt(0).toLowerCase()}${groupVersionInIds.slice(1, -version.length)}_${version}`,
    objectModel: modelName(group, version, kind),
    listModel: modelName(group, version, listKind),
  };
}

type Endpoint = { readonly path: string; readonly scope: string; readonly subresource: string };

/** Every operation that a kind of this form serves in one version. */
export function kindOperations(form: OperationForm, names: OperationNames): readonly KubeOperation[] {
  const all = `${names.root}/${names.resource}`;
  const scope = form.namespaced ? 'Namespaced' : '';
  const collection = { path: form.namespaced ? `${names.root}/namespaces/{namespace}/${names.resource}` : all, scope, subresource: '' };
  const named = { ...collection, path: `${collection.path}/{name}` };
  const below = (subresource: string) => ({ path: `${named.path}/${subresource}`, scope, subresource });
  const operations = (verbs: readonly (KubeVerb | 'listAll')[], endpoint: Endpoint): readonly KubeOperation[] =>
    verbs.filter((verb) => form.verbs.includes(verb === 'listAll' ? 'list' : verb)).map((verb) => operation(names, verb, endpoint));
  return [
    ...operations(['list', 'create', 'deletecollection'], collection),
    ...operations(['get', 'update', 'patch', 'delete'], named),
    ...(form.statusSubresource ? operations(['get', 'update', 'patch'], below('status')) : []),
    ...(form.scaled ? operations(['get', 'update', 'patch'], below('scale')).map(ofScale) : []),
    ...(form.namespaced ? operations(['listAll'], { path: all, scope: '', subresource: '' }) : []),
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

function operation(
  { group, version, kind, groupVersionInIds, tag }: OperationNames,
  verb: KubeVerb | 'listAll',
  endpoint: Endpoint,
): KubeOperation {
  const { word, does, ...rest } = forms[verb];
  const suffix =
    verb === 'listAll' ? 'ForAllNamespaces' : endpoint.subresource === '' ? '' : endpoint.subresource === 'scale' ? 'Scale' : 'Status';
  const what = endpoint.subresource === '' ? does : `${does} the ${endpoint.subresource} of`;
  return {
    ...rest,
    path: endpoint.path,
    id: `${word}${groupVersionInIds}${endpoint.scope}${kind}${suffix}`,
    tag,
    description: `${what} ${kind}`,
    gvk: { group, version, kind },
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
