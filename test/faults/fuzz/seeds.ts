import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

/** A request as it should be, for the fuzz to spoil. */
export type Seed = { readonly collection: string; readonly name: string; readonly object: object };

const core = '/api/v1/namespaces/default';
const object = (apiVersion: string, kind: string, name: string, rest: object): object => ({
  apiVersion,
  kind,
  metadata: { name },
  ...rest,
});
const from = (file: string): string => readFileSync(new URL(file, import.meta.url), 'utf8');
const rbac = 'rbac.authorization.k8s.io';

export const definition = parse(from('../../conformance/golden/widgets-crd.yaml')) as object;
export const widgets = '/apis/example.com/v1/namespaces/default/widgets';
const widget = object('example.com/v1', 'Widget', 'w', {
  spec: { color: 'red', replicas: 2, items: [{ name: 'x', value: '1' }], tags: ['a'], port: '80', free: { a: [1, { b: null }] } },
  status: { ready: true, conditions: [{ type: 'Ready', status: 'True' }] },
});
const rule = { verbs: ['get'], apiGroups: [''], resources: ['configmaps'] };
const schema = object('apis.kcp.io/v1alpha1', 'APIResourceSchema', 'v1.gadgets.demo.test', {
  spec: {
    group: 'demo.test',
    names: { plural: 'gadgets', singular: 'gadget', kind: 'Gadget', listKind: 'GadgetList' },
    scope: 'Namespaced',
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: { type: 'object', properties: { spec: { type: 'object', properties: { a: { type: 'string', pattern: '^a+$' } } } } },
      },
    ],
  },
});

export const seeds: readonly Seed[] = [
  { collection: widgets, name: 'w', object: widget },
  { collection: `${core}/configmaps`, name: 'c', object: object('v1', 'ConfigMap', 'c', { data: { a: 'b' }, binaryData: { b: 'YQ==' } }) },
  { collection: `${core}/serviceaccounts`, name: 's', object: object('v1', 'ServiceAccount', 's', { imagePullSecrets: [{ name: 'x' }] }) },
  { collection: '/api/v1/namespaces', name: 'n', object: object('v1', 'Namespace', 'n', { spec: { finalizers: ['kubernetes'] } }) },
  {
    collection: `${core}/events`,
    name: 'e',
    object: object('v1', 'Event', 'e', {
      involvedObject: { kind: 'ConfigMap', namespace: 'default', name: 'c' },
      reason: 'Made',
      message: 'm',
      count: 1,
      type: 'Normal',
      firstTimestamp: '2026-01-01T00:00:00Z',
    }),
  },
  {
    collection: '/apis/coordination.k8s.io/v1/namespaces/default/leases',
    name: 'l',
    object: object('coordination.k8s.io/v1', 'Lease', 'l', {
      spec: { holderIdentity: 'me', leaseDurationSeconds: 15, renewTime: '2026-01-01T00:00:00.000000Z' },
    }),
  },
  { collection: `/apis/${rbac}/v1/namespaces/default/roles`, name: 'r', object: object(`${rbac}/v1`, 'Role', 'r', { rules: [rule] }) },
  {
    collection: `/apis/${rbac}/v1/clusterroles`,
    name: 'cr',
    object: object(`${rbac}/v1`, 'ClusterRole', 'cr', { aggregationRule: { clusterRoleSelectors: [{ matchLabels: { a: 'b' } }] } }),
  },
  {
    collection: `/apis/${rbac}/v1/namespaces/default/rolebindings`,
    name: 'rb',
    object: object(`${rbac}/v1`, 'RoleBinding', 'rb', {
      subjects: [{ kind: 'User', apiGroup: rbac, name: 'ann' }],
      roleRef: { apiGroup: rbac, kind: 'Role', name: 'r' },
    }),
  },
  { collection: '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', name: 'widgets.example.com', object: definition },
  { collection: '/apis/apis.kcp.io/v1alpha1/apiresourceschemas', name: 'v1.gadgets.demo.test', object: schema },
  {
    collection: '/apis/core.platform-mesh.io/v1alpha1/accounts',
    name: 'acme',
    object: object('core.platform-mesh.io/v1alpha1', 'Account', 'acme', { spec: { type: 'account' } }),
  },
  {
    collection: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
    name: '',
    object: object('authorization.k8s.io/v1', 'SelfSubjectAccessReview', '', {
      spec: { resourceAttributes: { verb: 'get', resource: 'x' } },
    }),
  },
];

/** Bodies as kubectl and Go programs send them. */
export const protobufBodies: readonly Buffer[] = from('../../conformance/protobuf-vectors/vectors.jsonl')
  .trim()
  .split('\n')
  .map((line) => Buffer.from((JSON.parse(line) as { protobuf: string }).protobuf, 'base64'));
