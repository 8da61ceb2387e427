import { anything, boolean, conditions, declareKind, list, object, root, status, string } from '#provider';
import type { JsonObject, PrinterColumn, ServedKind } from '#kube';

const age: PrinterColumn = { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' };
const ready: PrinterColumn = { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status' };
const phase: PrinterColumn = { name: 'Phase', type: 'string', jsonPath: '.status.phase' };
const type: PrinterColumn = { name: 'Type', type: 'string', jsonPath: '.spec.type' };

export const namespaces: ServedKind = declareKind({
  group: '',
  resource: 'namespaces',
  kind: 'Namespace',
  shortNames: ['ns'],
  nameRule: 'dns1123label',
  verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
  compiledIn: true,
  finalizeSubresource: true,
  shownWhenDeleted: true,
  hasGeneration: false,
  unconditionalUpdate: true,
  versions: [
    {
      name: 'v1',
      columns: [{ name: 'Status', type: 'string', jsonPath: '.status.phase' }, age],
      selectableFields: ['status.phase'],
      schema: root(
        'A division of a workspace',
        object({ finalizers: list(string('Who holds the namespace')) }),
        object({
          phase: string('Active or Terminating'),
          conditions: { ...conditions, 'x-kubernetes-patch-strategy': 'merge', 'x-kubernetes-patch-merge-key': 'type' },
        }),
      ),
    },
  ],
});

export const accounts: ServedKind = declareKind({
  group: 'core.platform-mesh.io',
  resource: 'accounts',
  kind: 'Account',
  categories: ['platform-mesh'],
  nameRule: 'dns1035label',
  versions: [
    {
      name: 'v1alpha1',
      columns: [{ name: 'Display Name', type: 'string', jsonPath: '.spec.displayName' }, type, ready, age],
      schema: root(
        'An organisation or an account, which has a workspace of its own',
        object(
          {
            type: string('org or account', { enum: ['org', 'account'] }),
            displayName: string('Name for people', { maxLength: 255 }),
            description: string('What it is for'),
            creator: string('Who asked for it; set by the server'),
            data: anything('Anything else'),
            extensions: list(anything('Something created along with the account')),
          },
          ['type'],
        ),
        status({
          cluster: string('Cluster name of its workspace'),
          path: string('Path of its workspace'),
          url: string('Where its workspace is served'),
        }),
      ),
    },
  ],
});

const location = (description: string): JsonObject =>
  object(
    {
      name: string('Name'),
      path: string('Path of the workspace'),
      url: string('Where it is served'),
      type: string('org or account'),
      generatedClusterId: string('Cluster name of its workspace'),
      originClusterId: string('Cluster name of the workspace that holds the Account'),
    },
    [],
    { description },
  );

export const accountInfos: ServedKind = declareKind({
  group: 'core.platform-mesh.io',
  resource: 'accountinfos',
  kind: 'AccountInfo',
  verbs: ['get', 'list', 'watch'],
  versions: [
    {
      name: 'v1alpha1',
      columns: [{ name: 'Path', type: 'string', jsonPath: '.spec.account.path' }, age],
      schema: root(
        'Where this account stands',
        object({
          account: location('This account'),
          parentAccount: location('The account it belongs to'),
          organization: location('The organisation it belongs to'),
          oidc: anything('How its people sign in'),
        }),
      ),
    },
  ],
  statusSubresource: false,
});

/** Read views of what Accounts and the workspace itself already say. */
export const workspaces: ServedKind = declareKind({
  group: 'tenancy.kcp.io',
  resource: 'workspaces',
  kind: 'Workspace',
  shortNames: ['ws'],
  categories: ['kcp'],
  verbs: ['get', 'list', 'watch'],
  source: { type: 'computed' },
  versions: [
    {
      name: 'v1alpha1',
      columns: [
        { name: 'Type', type: 'string', jsonPath: '.spec.type.name' },
        phase,
        { name: 'URL', type: 'string', jsonPath: '.spec.URL' },
        age,
      ],
      schema: root(
        'A workspace below this one',
        object({
          type: object({ name: string('org or account'), path: string('Where the type is defined') }),
          cluster: string('Cluster name'),
          URL: string('Where it is served'),
        }),
        status({ phase: string('Scheduling, Initializing, Ready or Terminating') }),
      ),
    },
  ],
});

export const logicalClusters: ServedKind = declareKind({
  group: 'core.kcp.io',
  resource: 'logicalclusters',
  kind: 'LogicalCluster',
  categories: ['kcp'],
  verbs: ['get', 'list', 'watch'],
  source: { type: 'computed' },
  versions: [
    {
      name: 'v1alpha1',
      columns: [phase, { name: 'URL', type: 'string', jsonPath: '.status.URL' }, age],
      schema: root(
        'This workspace itself',
        object({
          directlyDeletable: boolean('Whether it can be deleted by itself'),
          owner: object({
            apiVersion: string('Version'),
            resource: string('Plural'),
            name: string('Name'),
            cluster: string('Cluster name'),
            uid: string('UID'),
          }),
          initializers: list(string('Who still prepares it')),
        }),
        status({
          URL: string('Where it is served'),
          phase: string('Scheduling, Initializing, Ready or Terminating'),
          initializers: list(string('Who still prepares it')),
        }),
      ),
    },
  ],
});
