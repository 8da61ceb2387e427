import type { JsonObject, PrinterColumn, ServedKind } from '#kube';
import { convertApiBinding, convertApiExport } from './convert.ts';
import { declareKind } from './declare-kind.ts';
import { anything, boolean, list, listMap, object, root, status, string } from './schemas.ts';

const age: PrinterColumn = { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' };
const ready: PrinterColumn = { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status' };

const names = object(
  {
    plural: string('Lower-case plural, as in URLs'),
    singular: string('Lower-case singular'),
    kind: string('CamelCase kind'),
    listKind: string('Kind of a list'),
    shortNames: list(string('Short name')),
    categories: list(string('Category')),
  },
  ['plural', 'kind'],
);

const schemaVersion = object(
  {
    name: string('The version, such as v1alpha1'),
    served: boolean('Whether it is served'),
    storage: boolean('Whether objects are kept in it'),
    deprecated: boolean('Whether its use draws a warning'),
    deprecationWarning: string('The text of that warning'),
    schema: anything('The structural schema (OpenAPI v3) of an object'),
    subresources: object({ status: anything('Serves /status'), scale: anything('Serves /scale') }),
    additionalPrinterColumns: list(
      object(
        {
          name: string('Heading'),
          type: string('Type'),
          format: string('Format'),
          description: string('Description'),
          priority: { type: 'integer', format: 'int32' },
          jsonPath: string('Path of the cell'),
        },
        ['name', 'type', 'jsonPath'],
      ),
    ),
    selectableFields: list(object({ jsonPath: string('Path of a field that a fieldSelector may name') }, ['jsonPath'])),
  },
  ['name', 'served', 'storage', 'schema'],
);

const claim: JsonObject = object(
  {
    group: string('API group', { default: '' }),
    resource: string('Lower-case plural'),
    verbs: list(string('Verb')),
    identityHash: string('Identity of the export that the resource comes from'),
    defaultSelector: anything('Which objects are claimed by default'),
    selector: anything('Which objects are claimed: matchAll, matchLabels or matchExpressions'),
    state: string('The consumer’s answer', { enum: ['Accepted', 'Rejected'] }),
    all: boolean('v1alpha1: all objects'),
    resourceSelector: list(anything('v1alpha1: one object')),
  },
  ['resource'],
);

const exportReference = object(
  { export: object({ path: string('Path of the provider’s workspace'), name: string('Name of the APIExport') }, ['name']) },
  [],
);

const exportStatus = status({
  identityHash: string('What tells this export from every other'),
  virtualWorkspaces: list(object({ url: string('URL') })),
});
const bindingStatus = status({
  phase: string('Binding or Bound'),
  apiExportClusterName: string('Cluster name of the provider’s workspace'),
  boundResources: list(anything('One resource that is served because of this binding')),
  appliedPermissionClaims: list(anything('One claim')),
  exportPermissionClaims: list(anything('One claim')),
});

export const apiResourceSchemas: ServedKind = declareKind({
  group: 'apis.kcp.io',
  resource: 'apiresourceschemas',
  kind: 'APIResourceSchema',
  categories: ['kcp'],
  statusSubresource: false,
  versions: [
    {
      name: 'v1alpha1',
      columns: [age],
      schema: root(
        'A schema of one resource, which never changes once it is there',
        object(
          {
            group: string('API group'),
            names,
            scope: string('Cluster or Namespaced', { enum: ['Cluster', 'Namespaced'] }),
            versions: list(schemaVersion, { minItems: 1 }),
            conversion: anything('How versions are converted'),
            nameValidation: string('Which names are allowed'),
          },
          ['group', 'names', 'scope', 'versions'],
        ),
      ),
    },
  ],
});

export const apiExports: ServedKind = declareKind({
  group: 'apis.kcp.io',
  resource: 'apiexports',
  kind: 'APIExport',
  categories: ['kcp'],
  convert: convertApiExport,
  versions: [
    {
      name: 'v1alpha2',
      columns: [age],
      schema: root(
        'A set of APIs that other workspaces may bind',
        object({
          resources: listMap(
            ['name', 'group'],
            object(
              {
                group: string('API group'),
                name: string('Lower-case plural'),
                schema: string('Name of the APIResourceSchema'),
                storage: anything('Where objects are kept'),
              },
              ['name', 'group', 'schema'],
            ),
          ),
          permissionClaims: list(claim),
          maximalPermissionPolicy: anything('What a consumer may do at most'),
          identity: anything('Where the identity is kept'),
        }),
        exportStatus,
      ),
    },
    {
      name: 'v1alpha1',
      columns: [age],
      schema: root(
        'A set of APIs that other workspaces may bind',
        object({
          latestResourceSchemas: list(string('Name of an APIResourceSchema')),
          permissionClaims: list(claim),
          maximalPermissionPolicy: anything('What a consumer may do at most'),
          identity: anything('Where the identity is kept'),
        }),
        exportStatus,
      ),
    },
  ],
});

const bindingColumns: readonly PrinterColumn[] = [age, ready];
const bindingSchema = root(
  'Makes the APIs of an export available in this workspace',
  object({ reference: exportReference, permissionClaims: list(claim) }, ['reference']),
  bindingStatus,
);

export const apiBindings: ServedKind = declareKind({
  group: 'apis.kcp.io',
  resource: 'apibindings',
  kind: 'APIBinding',
  categories: ['kcp'],
  convert: convertApiBinding,
  versions: [
    { name: 'v1alpha2', columns: bindingColumns, schema: bindingSchema },
    { name: 'v1alpha1', columns: bindingColumns, schema: bindingSchema },
  ],
});

export const providerMetadatas: ServedKind = declareKind({
  group: 'ui.platform-mesh.io',
  resource: 'providermetadatas',
  kind: 'ProviderMetadata',
  statusSubresource: false,
  versions: [
    {
      name: 'v1alpha1',
      columns: [{ name: 'Display Name', type: 'string', jsonPath: '.spec.displayName' }, age],
      schema: root(
        'How a catalogue shows a provider',
        object(
          {
            displayName: string('Name for people'),
            description: string('What it offers'),
            tags: list(string('Tag')),
            contacts: list(anything('Someone to turn to')),
            documentation: list(anything('Where to read on')),
            icon: anything('Picture, light and dark'),
            links: list(anything('Link')),
            preferredSupportChannels: list(anything('Where to ask for help')),
            helpCenterData: list(anything('Where to find help')),
            data: anything('Anything else'),
          },
          ['displayName'],
        ),
      ),
    },
  ],
});

export const marketplaceEntries: ServedKind = declareKind({
  group: 'marketplace.platform-mesh.io',
  resource: 'marketplaceentries',
  kind: 'MarketplaceEntry',
  shortNames: ['mpe'],
  verbs: ['get', 'list', 'watch'],
  statusSubresource: false,
  hasGeneration: false,
  source: { type: 'computed' },
  versions: [
    {
      name: 'v1alpha1',
      columns: [
        { name: 'Service', type: 'string', jsonPath: '.spec.providerMetadata.spec.displayName' },
        { name: 'Export', type: 'string', jsonPath: '.spec.apiExport.metadata.name' },
        { name: 'Provider', type: 'string', jsonPath: '.spec.apiExport.metadata.annotations.kcp\\.io/path' },
        { name: 'Enabled By', type: 'string', jsonPath: '.spec.apiBindingName' },
      ],
      schema: root(
        'A service that this account can enable',
        object({
          apiBindingName: string('The APIBinding that enables it here; empty where it is not enabled'),
          providerMetadata: anything('Who offers it'),
          apiExport: anything('What is offered'),
        }),
      ),
    },
  ],
});
