import { allVerbs, type CompiledSchema, type ServedKind, type ServedVersion } from '#kube';

const anySchema: CompiledSchema = {
  source: { type: 'object' },
  prune: (object) => ({ object, unknown: [] }),
  default: (object) => object,
  validate: () => [],
};

export const widgetVersion: ServedVersion = {
  name: 'v1',
  served: true,
  schema: anySchema,
  statusSubresource: true,
  columns: [
    { name: 'Color', type: 'string', jsonPath: '.spec.color' },
    { name: 'Replicas', type: 'integer', jsonPath: '.spec.replicas' },
    { name: 'Ready', type: 'boolean', jsonPath: '.status.ready', priority: 1 },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  ],
  selectableFields: ['spec.color'],
};

/** The kind whose answers were recorded from upstream. */
export const widgets: ServedKind = {
  group: 'example.com',
  resource: 'widgets',
  singular: 'widget',
  kind: 'Widget',
  listKind: 'WidgetList',
  shortNames: ['wd'],
  categories: ['all'],
  namespaced: true,
  nameRule: 'dns1123subdomain',
  verbs: allVerbs,
  versions: [
    widgetVersion,
    { ...widgetVersion, name: 'v1beta1', deprecationWarning: 'example.com/v1beta1 Widget is deprecated' },
    { ...widgetVersion, name: 'v1alpha1', served: false },
  ],
  storageVersion: 'v1',
  unconditionalUpdate: false,
  hasGeneration: true,
  source: { type: 'builtin' },
};

export const namespaces: ServedKind = {
  ...widgets,
  group: '',
  resource: 'namespaces',
  singular: 'namespace',
  kind: 'Namespace',
  listKind: 'NamespaceList',
  shortNames: ['ns'],
  categories: [],
  namespaced: false,
  nameRule: 'dns1123label',
  verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
  versions: [{ ...widgetVersion, columns: [{ name: 'Status', type: 'string', jsonPath: '.status.phase' }], selectableFields: [] }],
  unconditionalUpdate: true,
  hasGeneration: false,
  compiledIn: true,
  finalizeSubresource: true,
};

export const servedKinds: readonly ServedKind[] = [namespaces, widgets];
