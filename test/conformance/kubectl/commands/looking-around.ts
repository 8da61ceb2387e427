import { text, type Step } from '../step.ts';

const skew = /^$|^(Warning|WARNING): version difference between client .* exceeds the supported minor version skew of \+\/-1$/;

/** Lines in this order, whatever stands between them: what is served grows. */
function listing(lines: readonly string[]): RegExp {
  return new RegExp(`^(\\S+\\n)*${lines.map((line) => line.replaceAll('.', '\\.')).join('\\n(\\S+\\n)*')}$`);
}

/** What is served here, and where. */
export const lookingAround: readonly Step[] = [
  { run: 'config current-context', out: 'tributary' },
  { run: 'config set-context --current --namespace=team', out: 'Context "tributary" modified.' },
  { run: "config view --minify -o jsonpath='{..namespace}'", out: 'team' },
  {
    run: 'config get-contexts',
    out: text(`
      CURRENT   NAME        CLUSTER     AUTHINFO          NAMESPACE
      *         tributary   tributary   tributary-admin   team
    `),
  },
  { run: 'version -o json', out: /"serverVersion": \{(.*\n)+ +"gitVersion": "v1\.\d+\.\d+/, err: skew },
  {
    run: 'version',
    out: /^(Client Version: v1\.\d+\.\d+\nKustomize Version: v\d\.\d+\.\d+\S*\n)Server Version: v1\.\d+\.\d+\S*$/,
    err: skew,
    since: 28,
  },
  // Here are no Services to look for.
  {
    run: 'cluster-info',
    code: 1,
    out: /^\n?To further debug and diagnose cluster problems/,
    err: 'error: the server doesn\'t have a resource type "services"',
  },
  {
    run: 'api-versions',
    out: listing([
      'apis.kcp.io/v1alpha1',
      'apis.kcp.io/v1alpha2',
      'authentication.k8s.io/v1',
      'authorization.k8s.io/v1',
      'coordination.k8s.io/v1',
      'core.platform-mesh.io/v1alpha1',
      'events.k8s.io/v1',
      'rbac.authorization.k8s.io/v1',
      'tenancy.kcp.io/v1alpha1',
      'v1',
    ]),
  },
  { run: 'api-resources', out: /^NAME +SHORTNAMES +APIVERSION +NAMESPACED +KIND\n(.+\n)*configmaps +cm +v1 +true +ConfigMap\n/ },
  {
    run: 'api-resources --api-group=rbac.authorization.k8s.io -o wide',
    out: text(`
      NAME                  SHORTNAMES   APIVERSION                     NAMESPACED   KIND                 VERBS                                                        CATEGORIES
      clusterrolebindings                rbac.authorization.k8s.io/v1   false        ClusterRoleBinding   create,delete,deletecollection,get,list,patch,update,watch
      clusterroles                       rbac.authorization.k8s.io/v1   false        ClusterRole          create,delete,deletecollection,get,list,patch,update,watch
      rolebindings                       rbac.authorization.k8s.io/v1   true         RoleBinding          create,delete,deletecollection,get,list,patch,update,watch
      roles                              rbac.authorization.k8s.io/v1   true         Role                 create,delete,deletecollection,get,list,patch,update,watch
    `),
  },
  {
    run: 'api-resources --namespaced=false --verbs=create,get --api-group=apis.kcp.io -o name --sort-by=name',
    out: text(`
      apibindings.apis.kcp.io
      apiexports.apis.kcp.io
      apiresourceschemas.apis.kcp.io
    `),
  },
  { run: 'api-resources --categories=platform-mesh -o name', out: /^accounts\.core\.platform-mesh\.io$/m },
  { run: 'get --raw /version', out: /"gitVersion":"v1\./ },
  {
    run: 'get --raw {prefix}/api/v1/namespaces/default',
    out: /^\{"apiVersion":"v1","kind":"Namespace","metadata":\{"name":"default".*\}$/,
  },
  {
    run: 'explain configmap.immutable',
    out: /^KIND: +ConfigMap\nVERSION: +v1\n\nFIELD: immutable <boolean>\n\n\n?DESCRIPTION:\n {4}Whether the contents can no longer be changed; once true, it stays true$/,
  },
  {
    run: 'explain role.rules --recursive',
    out: /^GROUP: +rbac\.authorization\.k8s\.io\nKIND: +Role\nVERSION: +v1\n\nFIELD: rules <\[\]PolicyRule>\n(.*\n)+ {2}apiGroups\t<\[\]string>\n {2}nonResourceURLs\t<\[\]string>\n {2}resourceNames\t<\[\]string>\n {2}resources\t<\[\]string>\n {2}verbs\t<\[\]string> -required-$/,
  },
  {
    run: 'explain configmap --output plaintext-openapiv2',
    out: /^KIND: +ConfigMap\nVERSION: +v1\n\nDESCRIPTION:\n(.*\n)+FIELDS:\n(.*\n)+ {3}data\t<map\[string\]string>\n/,
  },
  { run: 'explain apibinding --api-version=apis.kcp.io/v1alpha1', out: /^GROUP: +apis\.kcp\.io\nKIND: +APIBinding\nVERSION: +v1alpha1\n/ },
  {
    run: 'explain configmap.nothing',
    code: 1,
    out: 'KIND:       ConfigMap\nVERSION:    v1',
    err: /^error: (field "nothing" does not exist|couldn't find.*)$/,
  },
  { run: 'get nothings', code: 1, err: 'error: the server doesn\'t have a resource type "nothings"' },
  { run: 'get pods', code: 1, err: 'error: the server doesn\'t have a resource type "pods"' },
  {
    run: 'get namespaces',
    out: text(`
      NAME              STATUS   AGE
      default           Active   1s
      kube-node-lease   Active   1s
      kube-public       Active   1s
      kube-system       Active   1s
    `),
  },
  // As `argocd cluster add` begins.
  { run: 'create serviceaccount argocd-manager -n kube-system', out: 'serviceaccount/argocd-manager created' },
  { run: 'delete namespace kube-system', code: 1, err: /namespaces "kube-system" is forbidden: this namespace may not be deleted$/ },
];
