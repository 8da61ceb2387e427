import { bindingsOf, bindingTo, gadgetGroup, gadgetProvider, gadgetsOf } from '../gadgets.ts';
import { clumsy, type Row } from './row.ts';

const gadgets = gadgetsOf(clumsy);

const missingExports: readonly (readonly [path: string, name: string])[] = [
  [gadgetProvider, 'nothing.example.com'],
  ['root:providers:nobody', gadgetGroup],
  [clumsy, gadgetGroup],
];

/** What one may not do, or not as one is. */
export const wrongAskers: readonly Row[] = [
  ...missingExports.map(([path, name]) => ({
    title: `a binding to an export that is missing, or may not be bound: ${path}:${name}`,
    send: ['POST', bindingsOf(clumsy), { body: bindingTo('wrong', path, name) }] as const,
    code: 403,
    reason: 'Forbidden',
    message: `apibindings.apis.kcp.io "wrong" is forbidden: unable to create APIBinding: no permission to bind to export ${path}:${name}`,
  })),
  {
    title: 'a binding without an export',
    send: ['POST', bindingsOf(clumsy), { body: { ...bindingTo('wrong', '', ''), spec: { reference: {} } } }],
    code: 422,
    reason: 'Invalid',
    message: 'APIBinding.apis.kcp.io "wrong" is invalid: spec.reference.export: Required value',
    causes: [['FieldValueRequired', 'spec.reference.export', 'Required value']],
  },
  {
    title: 'a subject that is none',
    send: [
      'POST',
      `/clusters/${clumsy}/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings`,
      {
        body: {
          apiVersion: 'rbac.authorization.k8s.io/v1',
          kind: 'RoleBinding',
          metadata: { name: 'wrong' },
          subjects: [null],
          roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
        },
      },
    ],
    code: 400,
    reason: 'BadRequest',
    message:
      'RoleBinding in version "v1" cannot be handled as a RoleBinding: subjects[0]: Invalid value: "null": subjects[0] in body must be of type object: "null"',
  },
  { title: 'no credentials', send: ['GET', gadgets, { token: null }], code: 401, reason: 'Unauthorized', message: 'Unauthorized' },
  {
    title: 'a token that nobody has',
    send: ['GET', gadgets, { token: 'made-up' }],
    code: 401,
    reason: 'Unauthorized',
    message: 'Unauthorized',
  },
  {
    title: 'two Authorization headers',
    send: ['GET', gadgets, { token: null, headers: { authorization: ['Bearer a', 'Bearer b'] } }],
    code: 400,
    reason: 'BadRequest',
    message: 'more than one Authorization header',
  },
  {
    title: 'the rights of an administrator who acts as somebody else',
    send: ['GET', gadgets, { headers: { 'impersonate-user': 'root' } }],
    code: 403,
    reason: 'Forbidden',
    message: /^gadgets\.\S+ is forbidden: User "root" cannot list resource "gadgets" in API group "\S+" in the namespace "default"$/,
  },
];
