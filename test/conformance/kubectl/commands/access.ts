import { text, type Step } from '../step.ts';

const reconciled = 'role.rbac.authorization.k8s.io/reconciled reconciled\nrolebinding.rbac.authorization.k8s.io/reconciled reconciled';

/** Who one is and what one may do. */
export const access: readonly Step[] = [
  { run: 'auth can-i create configmaps', out: 'yes' },
  { run: "auth can-i '*' '*' --all-namespaces", out: 'yes' },
  { run: 'auth can-i list configmaps --as=ann', out: 'yes' },
  { run: 'auth can-i list configmaps --as=ann -n default', code: 1, out: 'no' },
  { run: 'auth can-i delete configmaps --as=ann', code: 1, out: 'no' },
  { run: 'auth can-i get configmaps/a --as=system:serviceaccount:team:robot', out: 'yes' },
  {
    run: 'auth can-i list namespaces --as=eve --as-group=people',
    out: 'yes',
    err: "Warning: resource 'namespaces' is not namespace scoped",
  },
  { run: 'auth can-i get /version --as=ann', out: 'yes' },
  { run: 'auth can-i get /nothing --as=ann', code: 1, out: 'no' },
  { run: 'auth can-i get nothings', out: 'yes', err: "Warning: the server doesn't have a resource type 'nothings'" },
  {
    run: 'auth can-i --list --as=ann',
    out: /^Resources +Non-Resource URLs +Resource Names +Verbs\n(.*\n)*configmaps +\[\] +\[\] +\[get list\]$/m,
  },
  {
    run: 'auth whoami',
    out: text(`
      ATTRIBUTE   VALUE
      Username    tributary-admin
      UID         tributary-admin
      Groups      [system:masters system:authenticated]
    `),
    since: 28,
  },
  {
    run: 'auth whoami --as=ann --as-group=people -o jsonpath={.status.userInfo}',
    out: '{"groups":["people","system:authenticated"],"username":"ann"}',
    since: 28,
  },
  { run: 'get cm --as=ann -o name', out: /^configmap\/a\n/ },
  {
    run: 'get cm a --as=eve',
    code: 1,
    err: 'Error from server (Forbidden): configmaps "a" is forbidden: User "eve" cannot get resource "configmaps" in API group "" in the namespace "team"',
  },
  {
    run: 'get cm -A --as=ann',
    code: 1,
    err: 'Error from server (Forbidden): configmaps is forbidden: User "ann" cannot list resource "configmaps" in API group "" at the cluster scope',
  },
  {
    run: 'delete cm a --as=ann',
    code: 1,
    err: 'Error from server (Forbidden): configmaps "a" is forbidden: User "ann" cannot delete resource "configmaps" in API group "" in the namespace "team"',
  },
  {
    run: 'get --raw /nothing --as=ann',
    code: 1,
    err: /^Error from server \((Forbidden\): forbidden: User "ann" cannot get path "\/nothing"|NotFound\): the server could not find the requested resource)$/,
  },
  {
    run: 'create role granter --verb=delete --resource=configmaps --as=system:serviceaccount:team:robot',
    code: 1,
    err: 'Error from server (Forbidden): roles.rbac.authorization.k8s.io is forbidden: User "system:serviceaccount:team:robot" cannot create resource "roles" in API group "rbac.authorization.k8s.io" in the namespace "team"',
  },
  {
    run: 'auth reconcile -f roles.yaml',
    out: reconciled,
    err: text(`
      .	reconciliation required create
      .	missing rules added:
      .		{Verbs:[get list] APIGroups:[] Resources:[configmaps] ResourceNames:[] NonResourceURLs:[]}
      .	reconciliation required create
      .	missing subjects added:
      .		{Kind:User APIGroup:rbac.authorization.k8s.io Name:ann Namespace:}
    `).replaceAll('.\t', '\t'),
  },
  { run: 'auth reconcile -f roles.yaml', out: reconciled },
  { run: 'auth reconcile -f roles.yaml --dry-run=client', out: reconciled.replaceAll(/$/gm, ' (dry run)') },
];
