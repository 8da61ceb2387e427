/**
 * What frontends ask, one after the other, in an organisation of their own. `@<name>.<path>` as a variable stands for what the answer to an
 * earlier operation has there.
 */
export type GoldenOperation = { readonly name: string; readonly query: string; readonly variables?: Readonly<Record<string, unknown>> };

const op = (name: string, query: string, variables?: Readonly<Record<string, unknown>>): GoldenOperation => ({
  name,
  query,
  ...(variables === undefined ? {} : { variables }),
});

const definition = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: gadgets.x.io }
spec:
  group: x.io
  names: { plural: gadgets, singular: gadget, kind: Gadget, listKind: GadgetList, categories: [toys] }
  scope: Namespaced
  versions:
    - name: v1
      served: true
      storage: true
      subresources: { status: {} }
      selectableFields: [{ jsonPath: .spec.colour }]
      additionalPrinterColumns:
        - { name: Size, type: integer, jsonPath: .spec.size }
        - { name: Colour, type: string, jsonPath: .spec.colour }
      schema:
        openAPIV3Schema:
          type: object
          required: [spec]
          properties:
            spec:
              type: object
              required: [size]
              properties:
                size: { type: integer, format: int64, minimum: 1 }
                colour: { type: string, enum: [red, green, blue], description: The colour }
                port: { x-kubernetes-int-or-string: true }
                tags: { type: array, items: { type: string } }
                parts: { type: array, items: { type: object, properties: { 'a-b': { type: string } } } }
                free: { type: object, x-kubernetes-preserve-unknown-fields: true }
                labels: { type: object, additionalProperties: { type: string } }
            status: { type: object, x-kubernetes-preserve-unknown-fields: true }
`;
const twoDocuments = `apiVersion: v1
kind: ConfigMap
metadata: { name: from-yaml }
data: { a: "1" }
---
apiVersion: x.io/v1
kind: Gadget
metadata: { name: broken }
spec: { size: 0 }
`;
const gadget = (name: string, size: number, colour: string) => ({
  metadata: { name, labels: { colour } },
  spec: { size, colour },
});
const create =
  'mutation Create($object: XIoV1Gadget_Input!) { x_io { v1 { createGadget(namespace: "default", fieldManager: "golden", object: $object) { metadata { name generation } spec { size colour } } } } }';
const inGadgets = (field: string): string => `{ x_io { v1 { ${field} } } }`;
const inCore = (field: string): string => `{ v1 { ${field} } }`;
const shown = 'items { metadata { name } spec { size colour } }';
const one = 'namespace: "default", name: "one"';
const stalled = {
  conditions: [
    { type: 'Stalled', status: 'True', reason: 'NoDisk', message: 'the disk is full', lastTransitionTime: '2026-01-02T03:04:05Z' },
  ],
};

export const operations: readonly GoldenOperation[] = [
  op('define a kind', 'mutation Define($yaml: String!) { applyYaml(yaml: $yaml, fieldManager: "golden") }', { yaml: definition }),
  op('types of a category', '{ typeByCategory(name: "toys") { group version kind scope } }'),
  op('types of a category that is none', '{ typeByCategory(name: "none") { kind } }'),
  op('list of nothing', inGadgets('Gadgets { resourceVersion items { kind } continue remainingItemCount }')),
  op('create one', create, { object: gadget('one', 1, 'red') }),
  op('create two', create, { object: gadget('two', 2, 'green') }),
  op('create three', create, { object: gadget('three', 3, 'blue') }),
  op('create four', create, {
    object: {
      ...gadget('four', 4, 'red'),
      spec: {
        size: 4,
        colour: 'red',
        port: '50%',
        tags: ['x', 'y'],
        parts: [{ a_b: 'p' }],
        free: '{"deep":[1,{"er":null}]}',
        labels: { 'app.kubernetes.io/name': 'web' },
      },
    },
  }),
  op(
    'create with literals',
    `mutation { x_io { v1 { createGadget(namespace: "default", fieldManager: "golden", object: { metadata: { name: "five", labels: [{ key: "app.kubernetes.io/name", value: "web" }] }, spec: { size: 5, port: 8080, free: { a: [true, 1.5, null] } } }) { metadata { name labels } spec { size port free } } } } }`,
  ),
  op('create what exists', create, { object: gadget('one', 1, 'red') }),
  op('create what is wrong', create, { object: gadget('six', 0, 'pink') }),
  op(
    'create on trial',
    `mutation Try($object: XIoV1Gadget_Input!, $dryRun: Boolean) { x_io { v1 { createGadget(namespace: "default", dryRun: $dryRun, object: $object) { metadata { name resourceVersion } } } } }`,
    { object: gadget('dry', 7, 'red'), dryRun: true },
  ),
  op(
    'create on trial, as Kubernetes says it',
    `mutation { x_io { v1 { createGadget(namespace: "default", dryRun: ["All"], object: { metadata: { name: "dry" }, spec: { size: 1 } }) { metadata { name } } } } }`,
  ),
  op(
    'get',
    inGadgets(
      `Gadget(${one}) { apiVersion kind metadata { name namespace uid creationTimestamp generation resourceVersion labels } spec { size colour port } }`,
    ),
  ),
  op('get all shapes', inGadgets('Gadget(namespace: "default", name: "four") { spec { port tags parts { a_b } free labels } }')),
  op(
    'get by variables',
    'query Get($name: String!, $namespace: String) { x_io { v1 { Gadget(name: $name, namespace: $namespace) { metadata { name } } } } }',
    { name: 'two', namespace: 'default' },
  ),
  op('get what is not there', inGadgets('Gadget(namespace: "default", name: "none") { kind }')),
  op('get without a namespace', inGadgets('Gadget(name: "one") { kind }')),
  op(
    'get several at once',
    '{ x_io { v1 { a: Gadget(namespace: "default", name: "one") { ...G } b: Gadget(namespace: "default", name: "none") { ...G } } } v1 { Namespace(name: "default") { kind status { phase } } } } fragment G on XIoV1Gadget { metadata { name } }',
  ),
  op('get yaml', inGadgets('GadgetYaml(namespace: "default", name: "three")')),
  op('list', inGadgets(`Gadgets(namespace: "default") { resourceVersion ${shown} }`)),
  op('list by label', inGadgets(`Gadgets(labelselector: "colour in (red,blue)") { ${shown} }`)),
  op('list by field', inGadgets(`Gadgets(fieldselector: "spec.colour=red") { ${shown} }`)),
  op('list by a selector that is none', inGadgets(`Gadgets(labelselector: "a in (") { ${shown} }`)),
  op('list sorted', inGadgets(`Gadgets(sortBy: "-spec.size") { ${shown} }`)),
  op('list sorted by two', inGadgets(`Gadgets(sortBy: "spec.colour,-spec.size") { ${shown} }`)),
  op('first page', inGadgets(`Gadgets(sortBy: "spec.size", limit: 2) { ${shown} continue remainingItemCount }`)),
  op(
    'second page',
    `query Page($continue: String) ${inGadgets(`Gadgets(sortBy: "spec.size", limit: 2, continue: $continue) { ${shown} continue remainingItemCount }`)}`,
    { continue: '@first page.x_io.v1.Gadgets.continue' },
  ),
  op(
    'last page',
    `query Page($continue: String) ${inGadgets(`Gadgets(sortBy: "spec.size", limit: 2, continue: $continue) { ${shown} continue remainingItemCount }`)}`,
    { continue: '@second page.x_io.v1.Gadgets.continue' },
  ),
  op('a page of nothing', inGadgets(`Gadgets(continue: "nonsense") { ${shown} }`)),
  op('list of another namespace', inGadgets(`Gadgets(namespace: "nowhere") { ${shown} }`)),
  op('list too new', inGadgets(`Gadgets(resourceVersion: "999999999") { ${shown} }`)),
  op(
    'resources of a category',
    '{ resourcesByCategory(name: "toys", labelselector: "colour=red") { ... on XIoV1Gadget { metadata { name } } } }',
  ),
  op(
    'update',
    `mutation { x_io { v1 { updateGadget(${one}, fieldManager: "golden", object: { spec: { size: 11 } }) { metadata { generation } spec { size colour } } } } }`,
  ),
  op(
    'update away',
    `mutation { x_io { v1 { updateGadget(namespace: "default", name: "five", fieldManager: "golden", object: { spec: { port: null } }) { spec { size port } } } } }`,
  ),
  op(
    'update an old version',
    `mutation Old($version: String) { x_io { v1 { updateGadget(${one}, fieldManager: "golden", resourceVersion: $version, object: { spec: { size: 12 } }) { spec { size } } } } }`,
    { version: '@get.x_io.v1.Gadget.metadata.resourceVersion' },
  ),
  op(
    'update what is not there',
    'mutation { x_io { v1 { updateGadget(namespace: "default", name: "none", object: { spec: { size: 1 } }) { kind } } } }',
  ),
  op(
    'update a status',
    `mutation Sick($object: XIoV1Gadget_Input!) { x_io { v1 { updateGadgetStatus(${one}, fieldManager: "golden", object: $object) { status health { word turn since reason } } } } }`,
    { object: { status: JSON.stringify(stalled) } },
  ),
  op(
    'apply',
    `mutation { x_io { v1 { applyGadget(namespace: "default", fieldManager: "ann", object: { metadata: { name: "applied" }, spec: { size: 6, colour: "green" } }) { kind } } } }`,
  ),
  op(
    'apply over others',
    `mutation { x_io { v1 { applyGadget(namespace: "default", fieldManager: "bob", object: { metadata: { name: "applied" }, spec: { size: 7 } }) { spec { size } } } } }`,
  ),
  op(
    'apply by force',
    `mutation { x_io { v1 { applyGadget(namespace: "default", fieldManager: "bob", force: true, object: { metadata: { name: "applied" }, spec: { size: 7 } }) { spec { size colour } metadata { managedFields { manager operation } } } } } }`,
  ),
  op('apply documents', 'mutation Documents($yaml: String!) { applyYaml(yaml: $yaml, fieldManager: "golden") }', { yaml: twoDocuments }),
  op('apply no document', 'mutation { applyYaml(yaml: "# nothing") }'),
  op('apply a kind that is none', 'mutation { applyYaml(yaml: "apiVersion: no.io/v1\\nkind: None\\nmetadata: {name: x}") }'),
  op(
    'two writes in turn',
    'mutation { v1 { createConfigMap(namespace: "default", fieldManager: "golden", object: { metadata: { name: "turn" }, data: [{ key: "a", value: "1" }] }) { data } updateConfigMap(namespace: "default", name: "turn", fieldManager: "golden", object: { data: [{ key: "a", value: "2" }] }) { data } } }',
  ),
  op('a config map', inCore('ConfigMap(namespace: "default", name: "turn") { metadata { name } data health { word turn reason } }')),
  op(
    'a secret',
    'mutation { v1 { createSecret(namespace: "default", fieldManager: "golden", object: { metadata: { name: "key" }, data: [{ key: "token", value: "c2VjcmV0" }] }) { type data } } }',
  ),
  op('delete on trial', 'mutation { v1 { deleteConfigMap(namespace: "default", name: "turn", dryRun: true) } }'),
  op('delete another', 'mutation { v1 { deleteConfigMap(namespace: "default", name: "turn", uid: "another") } }'),
  op('delete', 'mutation { v1 { deleteConfigMap(namespace: "default", name: "turn", propagationPolicy: "Background") } }'),
  op('delete again', 'mutation { v1 { deleteConfigMap(namespace: "default", name: "turn") } }'),
  op('health of all', inGadgets('Gadgets { items { metadata { name } health { word turn since reason } } }')),
  op(
    'rights',
    '{ mayI(actions: [{ verb: "create", resource: "configmaps", namespace: "default" }, { verb: "get", path: "/metrics" }]) { verb resource path allowed reason } }',
  ),
  op(
    'a table',
    '{ tableRows(group: "x.io", resource: "gadgets", sort: "-Size", page: { limit: 3 }) { columns { name type priority } rows { cells name namespace health { word } } total continue } }',
  ),
  op(
    'a table, filtered and searched',
    '{ tableRows(group: "x.io", resource: "Gadget", columns: ["Name", "Health"], filter: [{ column: "Colour", in: ["red"] }], search: "o") { rows { cells } total continue } }',
  ),
  op('a table, by a column that is none', '{ tableRows(group: "x.io", resource: "gadgets", sort: "Weight") { total } }'),
  op('a table, of a kind that is none', '{ tableRows(group: "x.io", resource: "widgets") { total } }'),
  op(
    'history',
    '{ history(group: "x.io", resource: "gadgets", namespace: "default", name: "one") { type generation user surface fieldManager cause at resourceVersion changes { path before after } } }',
  ),
  op(
    'history of what is gone',
    '{ history(resource: "configmaps", namespace: "default", name: "turn", limit: 1) { type user changes { path } } }',
  ),
  op('history of a secret', '{ history(resource: "secrets", namespace: "default", name: "key") { type changes { path before after } } }'),
  op('history of nothing', '{ history(resource: "configmaps", namespace: "default", name: "never") { type } }'),
  op('history before time', '{ history(resource: "configmaps", namespace: "default", name: "turn", to: "2000-01-01T00:00:00Z") { type } }'),
  op('as it was', `query Past($at: String) { x_io { v1 { Gadget(${one}, at: { resourceVersion: $at }) { spec { size } status } } } }`, {
    at: '@get.x_io.v1.Gadget.metadata.resourceVersion',
  }),
  op(
    'all as it was',
    `query Past($at: String) { x_io { v1 { Gadgets(at: { resourceVersion: $at }, sortBy: "-spec.size", limit: 2) { ${shown} remainingItemCount } } } }`,
    { at: '@list.x_io.v1.Gadgets.resourceVersion' },
  ),
  op('before anything was', inGadgets('Gadgets(at: { time: "2000-01-01T00:00:00Z" }) { items { kind } }')),
  op('two moments', inGadgets('Gadgets(at: { time: "2000-01-01T00:00:00Z", resourceVersion: "1" }) { items { kind } }')),
  op(
    'instances',
    '{ instances(group: "x.io", resource: "gadgets", fresh: true) { count continue items { path cluster group resource kind namespace name uid creator ready export health { word turn since reason } } } }',
  ),
  op('instances that failed', '{ instances(group: "x.io", resource: "gadgets", health: [Failed]) { count items { name object } } }'),
  op(
    'instances by label and words',
    '{ instances(group: "x.io", resource: "gadgets", labelselector: "colour=red", text: "four") { items { name } } }',
  ),
  op(
    'a page of instances',
    '{ instances(group: "x.io", resource: "gadgets", orderBy: name, descending: true, limit: 2) { count continue items { name } } }',
  ),
  op(
    'the next page of instances',
    'query Page($continue: String) { instances(group: "x.io", resource: "gadgets", orderBy: name, descending: true, limit: 2, continue: $continue) { items { name } } }',
    { continue: '@a page of instances.instances.continue' },
  ),
  op('a field that is none', inGadgets('Gadgets { nothing }')),
  op('a variable that is missing', 'query Get($name: String!) { x_io { v1 { Gadget(name: $name) { kind } } } }'),
  op(
    'too deep',
    '{ x_io { v1 { Gadgets { items { metadata { ownerReferences { a: __typename } managedFields { b: __typename } } } } } } a: __schema { types { fields { type { ofType { ofType { ofType { ofType { ofType { ofType { ofType { ofType { ofType { ofType { ofType { ofType { ofType { ofType { ofType { ofType { ofType { name } } } } } } } } } } } } } } } } } } } } } }',
  ),
];
