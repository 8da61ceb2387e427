import type { JsonObject, KubeObject, PrinterColumn, ServedKind } from '#kube';
import { declareKind, list, object, root, string } from '#provider';

// Kubernetes' own kinds, as far as they make sense without a cluster. Clients have them compiled in.

const age: PrinterColumn = { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' };

/** An object of a kind that has no spec: its fields stand beside its metadata. */
export const flat = (description: string, fields: JsonObject): JsonObject =>
  object({ apiVersion: { type: 'string' }, kind: { type: 'string' }, metadata: { type: 'object' }, ...fields }, [], { description });

const texts = (description: string, format?: string): JsonObject => ({
  type: 'object',
  description,
  additionalProperties: { type: 'string', ...(format === undefined ? {} : { format }) },
});

const immutable: JsonObject = {
  type: 'boolean',
  description: 'Whether the contents can no longer be changed; once true, it stays true',
};

/** How many entries some lists and maps have together. */
const entryCount =
  (...fields: readonly string[]) =>
  (shown: KubeObject): number =>
    fields.reduce((total, field) => total + Object.keys(shown[field] ?? {}).length, 0);

export const configMaps: ServedKind = declareKind({
  group: '',
  resource: 'configmaps',
  kind: 'ConfigMap',
  shortNames: ['cm'],
  namespaced: true,
  compiledIn: true,
  statusSubresource: false,
  hasGeneration: false,
  unconditionalUpdate: true,
  versions: [
    {
      name: 'v1',
      columns: [{ name: 'Data', type: 'string', jsonPath: '.data', read: entryCount('data', 'binaryData') }, age],
      schema: flat('Settings, by name', {
        data: texts('Texts, by key'),
        binaryData: texts('Bytes in base64, by key; no key of data may appear here', 'byte'),
        immutable,
      }),
    },
  ],
});

/** The contents never stand in clear outside of the account's memory: `isSealed` of libs/account knows this kind. */
export const secrets: ServedKind = declareKind({
  group: '',
  resource: 'secrets',
  kind: 'Secret',
  namespaced: true,
  compiledIn: true,
  statusSubresource: false,
  hasGeneration: false,
  unconditionalUpdate: true,
  versions: [
    {
      name: 'v1',
      columns: [
        { name: 'Type', type: 'string', jsonPath: '.type' },
        { name: 'Data', type: 'string', jsonPath: '.data', read: entryCount('data') },
        age,
      ],
      selectableFields: ['type'],
      schema: flat('Secret bytes, by name', {
        data: texts('Bytes in base64, by key', 'byte'),
        stringData: texts('Texts to be written into data; never read'),
        type: string('What the secret is for, which tells which keys it must have'),
        immutable,
      }),
    },
  ],
});

export const reference = (description: string): JsonObject =>
  object(
    {
      apiVersion: string('API version'),
      kind: string('Kind'),
      name: string('Name'),
      namespace: string('Namespace'),
      uid: string('UID'),
      resourceVersion: string('The version that is meant'),
      fieldPath: string('The part that is meant'),
    },
    [],
    { description, 'x-kubernetes-map-type': 'atomic' },
  );

export const serviceAccounts: ServedKind = declareKind({
  group: '',
  resource: 'serviceaccounts',
  kind: 'ServiceAccount',
  shortNames: ['sa'],
  namespaced: true,
  shownWhenDeleted: true,
  tokenSubresource: true,
  compiledIn: true,
  statusSubresource: false,
  hasGeneration: false,
  unconditionalUpdate: true,
  versions: [
    {
      name: 'v1',
      columns: [{ name: 'Secrets', type: 'string', jsonPath: '.secrets', read: entryCount('secrets') }, age],
      schema: flat('An identity for programs', {
        secrets: list(reference('A Secret that programs of this identity may use'), {
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['name'],
          'x-kubernetes-patch-strategy': 'merge',
          'x-kubernetes-patch-merge-key': 'name',
        }),
        imagePullSecrets: list(object({ name: string('Name of a Secret') }, [], { 'x-kubernetes-map-type': 'atomic' }), {
          'x-kubernetes-list-type': 'atomic',
        }),
        automountServiceAccountToken: { type: 'boolean', description: 'Whether programs get a token without asking' },
      }),
    },
  ],
});

export const microTime = (description: string): JsonObject => string(`${description}, to the microsecond`, { format: 'date-time' });
export const count = (description: string, minimum: number): JsonObject => ({ type: 'integer', format: 'int32', description, minimum });

export const leases: ServedKind = declareKind({
  group: 'coordination.k8s.io',
  resource: 'leases',
  kind: 'Lease',
  namespaced: true,
  createdByUpdate: true,
  compiledIn: true,
  ephemeral: true,
  statusSubresource: false,
  hasGeneration: false,
  versions: [
    {
      name: 'v1',
      columns: [{ name: 'Holder', type: 'string', jsonPath: '.spec.holderIdentity' }, age],
      schema: root(
        'Who leads, and until when',
        object({
          holderIdentity: string('Who holds it'),
          leaseDurationSeconds: count('How long others wait after it was last renewed', 1),
          acquireTime: microTime('When it was acquired'),
          renewTime: microTime('When its holder last renewed it'),
          leaseTransitions: count('How often it went to another holder', 0),
          strategy: string('How a holder is chosen'),
          preferredHolder: string('Who shall get it'),
        }),
      ),
    },
  ],
});
