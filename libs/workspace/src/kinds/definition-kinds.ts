import {
  completeDefinition,
  definitionsGroup,
  definitionsResource,
  withKnownKeywords,
  withSchemas,
  type CompiledSchema,
  type JsonObject,
  type PrinterColumn,
  type ServedKind,
} from '#kube';
import { anything, boolean, declareKind, list, object, root, string } from '#provider';

const createdAt: PrinterColumn = { name: 'Created At', type: 'string', jsonPath: '.metadata.creationTimestamp' };

const words = (description: string): JsonObject => list({ type: 'string' }, { description, 'x-kubernetes-list-type': 'atomic' });

const names = (description: string): JsonObject =>
  object(
    {
      plural: string('Lower-case plural, as in URLs'),
      singular: string('Lower-case singular; the kind in lower case by default'),
      kind: string('CamelCase kind'),
      listKind: string('Kind of a list; the kind with List behind it by default'),
      shortNames: words('Short names'),
      categories: words('Groups of kinds that can be asked for together, such as all'),
    },
    [],
    { description },
  );

const column = object({
  name: string('Heading'),
  type: string('integer, number, string, boolean or date'),
  format: string('Format'),
  description: string('Description'),
  priority: { type: 'integer', format: 'int32', description: '0 is always shown, more only where there is room' },
  jsonPath: string('Path of the cell'),
});

const version = object({
  name: string('The version, such as v1'),
  served: boolean('Whether it is served'),
  storage: boolean('Whether objects are kept in it'),
  deprecated: boolean('Whether its use draws a warning'),
  deprecationWarning: string('The text of that warning'),
  schema: object({ openAPIV3Schema: anything('The structural schema (OpenAPI v3) of an object') }),
  subresources: object({
    status: anything('Serves /status'),
    scale: object({
      specReplicasPath: string('Where the wanted count of replicas stands, under .spec'),
      statusReplicasPath: string('Where the present count of replicas stands, under .status'),
      labelSelectorPath: string('Where the selector of the replicas stands'),
    }),
  }),
  additionalPrinterColumns: list(column, { 'x-kubernetes-list-type': 'atomic' }),
  selectableFields: list(object({ jsonPath: string('Path of a field that a fieldSelector may name') }), {
    'x-kubernetes-list-type': 'atomic',
  }),
});

const webhook = object({
  clientConfig: object({
    url: string('https://host[/path]'),
    service: object({
      namespace: string('Namespace'),
      name: string('Name'),
      path: string('Path'),
      port: { type: 'integer', format: 'int32', description: 'Port; 443 by default' },
    }),
    caBundle: string('CA certificates in PEM, in base64', { format: 'byte' }),
  }),
  conversionReviewVersions: words('Versions of ConversionReview that the webhook understands, preferred first'),
});

const spec = object({
  group: string('API group'),
  names: names('What the kind is called'),
  scope: string('Cluster or Namespaced'),
  versions: list(version, { 'x-kubernetes-list-type': 'atomic', description: 'Each version of the kind' }),
  conversion: object({ strategy: string('None or Webhook'), webhook }, [], {
    description: 'How objects come from one version to another',
  }),
  preserveUnknownFields: boolean('No longer supported: must be false'),
});

const condition = object(
  {
    type: string('What the condition is about, such as Established'),
    status: string('True, False or Unknown'),
    lastTransitionTime: string('When the status last changed', { format: 'date-time' }),
    reason: string('Why, in one word'),
    message: string('Why, in a sentence'),
  },
  ['type', 'status'],
);

const status = object({
  conditions: list(condition, { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['type'] }),
  acceptedNames: names('The names under which the kind is served'),
  storedVersions: words('All versions in which objects may be kept'),
});

const declared: ServedKind = declareKind({
  group: definitionsGroup,
  resource: definitionsResource,
  kind: 'CustomResourceDefinition',
  shortNames: ['crd', 'crds'],
  categories: ['api-extensions'],
  compiledIn: true,
  versions: [{ name: 'v1', columns: [createdAt], schema: root('A kind that a consumer defines', spec, status) }],
});

/** https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/ */
export const definitions: ServedKind = {
  ...declared,
  versions: declared.versions.map((served) => ({ ...served, schema: ofDefinitions(served.schema) })),
};

/** Knows the keywords of schemas, and the defaults that no schema can express. */
function ofDefinitions(schema: CompiledSchema): CompiledSchema {
  return {
    source: schema.source,
    prune(definition) {
      const pruned = schema.prune(definition);
      const unknown = [...pruned.unknown];
      return { object: withSchemas(pruned.object, (inner, at) => withKnownKeywords(inner, at, unknown)), unknown };
    },
    default: (definition) => completeDefinition(schema.default(definition)),
    validate: (definition, old) => schema.validate(definition, old),
  };
}
