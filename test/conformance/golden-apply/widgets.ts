import { compileSchema, type ServedKind } from '#kube';

/** The kind of the recorded answers, without the rules (CEL) that we do not evaluate yet. */
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
  verbs: ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'],
  versions: [
    {
      name: 'v1',
      served: true,
      statusSubresource: true,
      columns: [],
      selectableFields: [],
      schema: compileSchema({
        type: 'object',
        required: ['spec'],
        properties: {
          spec: {
            type: 'object',
            properties: {
              color: { type: 'string', enum: ['red', 'green', 'blue'], default: 'red' },
              replicas: { type: 'integer', minimum: 0, default: 1 },
              size: { type: 'string' },
              port: { 'x-kubernetes-int-or-string': true },
              nick: { type: 'string', nullable: true },
              items: {
                type: 'array',
                'x-kubernetes-list-type': 'map',
                'x-kubernetes-list-map-keys': ['name'],
                items: {
                  type: 'object',
                  required: ['name'],
                  properties: { name: { type: 'string' }, value: { type: 'string', default: 'dv' } },
                },
              },
              tags: { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' } },
              atomic: { type: 'array', items: { type: 'string' } },
              labels: { type: 'object', additionalProperties: { type: 'string' } },
              free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
              embed: { type: 'object', 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true },
            },
          },
          status: {
            type: 'object',
            properties: {
              ready: { type: 'boolean' },
              replicas: { type: 'integer' },
              selector: { type: 'string' },
              conditions: {
                type: 'array',
                'x-kubernetes-list-type': 'map',
                'x-kubernetes-list-map-keys': ['type'],
                items: { type: 'object', required: ['type'], properties: { type: { type: 'string' }, status: { type: 'string' } } },
              },
            },
          },
        },
      }),
    },
  ],
  storageVersion: 'v1',
  unconditionalUpdate: false,
  hasGeneration: true,
  source: { type: 'builtin' },
};
