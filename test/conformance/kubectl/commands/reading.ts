import { text, type Step } from '../step.ts';

/** `kubectl get` and `describe`, in every form they print. */
export const reading: readonly Step[] = [
  {
    run: 'get cm a b c shop',
    out: text(`
      NAME   DATA   AGE
      a      2      1s
      b      1      1s
      c      2      1s
      shop   2      1s
    `),
  },
  { run: 'get configmap/a configmaps/b --no-headers', out: 'a   2   1s\nb   1   1s' },
  {
    run: 'get cm -l app=shop --show-labels',
    out: text(`
      NAME   DATA   AGE   LABELS
      shop   2      1s    app=shop,tier=front
    `),
  },
  {
    run: 'get cm -l "app in (shop),tier" -L tier',
    out: text(`
      NAME   DATA   AGE   TIER
      shop   2      1s    front
    `),
  },
  { run: 'get cm shop -A', code: 1, err: 'error: a resource cannot be retrieved by name across all namespaces' },
  {
    run: 'get cm -A --field-selector metadata.name=shop',
    out: text(`
      NAMESPACE   NAME   DATA   AGE
      team        shop   2      1s
    `),
  },
  { run: 'get cm --field-selector metadata.name!=shop,metadata.name=a -o name', out: 'configmap/a' },
  {
    run: 'get cm --field-selector data.x=1',
    code: 1,
    err: 'Error from server (BadRequest): Unable to find "/v1, Resource=configmaps" that match label selector "", field selector "data.x=1": "data.x" is not a known field selector: only "metadata.name", "metadata.namespace"',
  },
  { run: 'get cm -l "app in shop"', code: 1, err: /unable to parse requirement: found 'shop' expected: '\('/ },
  { run: 'get cm -l app=nothing', err: 'No resources found in team namespace.' },
  { run: 'get cm -l app=shop -o jsonpath={.items[0].data.color}', out: 'blue' },
  { run: 'get cm shop -o "jsonpath={.data.size}{\'\\t\'}{.metadata.labels.app}"', out: 'small\tshop' },
  {
    run: 'get cm shop -o "go-template={{.data.color}}{{range $k, $v := .metadata.labels}},{{$k}}={{$v}}{{end}}"',
    out: 'blue,app=shop,tier=front',
  },
  {
    run: 'get cm shop -o custom-columns=NAME:.metadata.name,COLOR:.data.color,NONE:.data.none',
    out: text(`
      NAME   COLOR   NONE
      shop   blue    <none>
    `),
  },
  {
    run: 'get cm shop -o yaml',
    out: text(`
      apiVersion: v1
      data:
        color: blue
        size: small
      kind: ConfigMap
      metadata:
        annotations:
          kcp.io/cluster: x
        creationTimestamp: "2026-01-01T00:00:00Z"
        labels:
          app: shop
          tier: front
        name: shop
        namespace: team
        resourceVersion: "1"
        uid: 00000000-0000-0000-0000-000000000000
    `),
  },
  { run: 'get cm shop -o json', out: /^\{\n {4}"apiVersion": "v1",\n {4}"data": \{\n {8}"color": "blue",\n/ },
  {
    run: 'get cm shop -o yaml --show-managed-fields',
    out: /\n {2}managedFields:\n {2}- apiVersion: v1\n {4}fieldsType: FieldsV1\n {4}fieldsV1:\n {6}f:data:\n {8}\.: \{\}\n {8}f:color: \{\}\n(.*\n)+ {4}manager: kubectl-create\n {4}operation: Update\n/,
  },
  { run: 'get cm shop c a b --sort-by={.metadata.name} -o name', out: 'configmap/a\nconfigmap/b\nconfigmap/c\nconfigmap/shop' },
  {
    run: 'get cm --sort-by=.metadata.name -l app=shop',
    out: text(`
      NAME   DATA   AGE
      shop   2      1s
    `),
  },
  {
    run: 'get cm -o name --chunk-size=2',
    out: /^configmap\/a\nconfigmap\/b\nconfigmap\/c\nconfigmap\/from-stdin\nconfigmap\/(kube-root-ca\.crt\nconfigmap\/)?many-.{5}\nconfigmap\/many-.{5}\nconfigmap\/misspelt\nconfigmap\/raw\nconfigmap\/shop$/,
  },
  { run: 'get cm,sa -l !app -o name', out: /^configmap\/a\n(.*\n)+serviceaccount\/default\nserviceaccount\/robot$/ },
  { run: 'get cm nothing', code: 1, err: 'Error from server (NotFound): configmaps "nothing" not found' },
  { run: 'get cm nothing --ignore-not-found' },
  {
    run: 'get cm shop nothing -o name',
    code: 1,
    out: 'configmap/shop',
    err: 'Error from server (NotFound): configmaps "nothing" not found',
  },
  {
    run: 'get sa',
    out: text(`
      NAME      SECRETS   AGE
      default   0         1s
      robot     0         1s
    `),
  },
  {
    run: 'get roles',
    out: text(`
      NAME     CREATED AT
      one      2026-01-01T00:00:00Z
      reader   2026-01-01T00:00:00Z
    `),
  },
  {
    run: 'get rolebindings -o wide',
    out: text(`
      NAME      ROLE          AGE   USERS   GROUPS   SERVICEACCOUNTS
      readers   Role/reader   1s    ann              team/robot
    `),
  },
  {
    run: 'get clusterrolebinding lookers -o wide',
    out: text(`
      NAME      ROLE                 AGE   USERS   GROUPS   SERVICEACCOUNTS
      lookers   ClusterRole/looker   1s            people
    `),
  },
  {
    run: 'get clusterrole looker pinger -o custom-columns=N:.metadata.name,V:.rules[*].verbs,R:.rules[*].resources',
    out: text(`
      N        V                  R
      looker   [get list watch]   [namespaces]
      pinger   [get]              <none>
    `),
  },
  {
    run: 'get ns team -o jsonpath={.status.phase}{.spec.finalizers}{.metadata.labels}',
    out: 'Active["kubernetes"]{"kubernetes.io/metadata.name":"team"}',
  },
  {
    run: 'get --raw "{prefix}/api/v1/namespaces/team/configmaps?labelSelector=app%3Dshop&limit=1"',
    out: /^\{"kind":"ConfigMapList","apiVersion":"v1",.*"name":"shop"/,
  },
  { run: 'get --raw /api/v1/nothings', code: 1, err: 'Error from server (NotFound): the server could not find the requested resource' },
  {
    run: 'get -f shop.yaml',
    out: text(`
      NAME   DATA   AGE
      shop   2      1s
    `),
  },
  {
    run: 'describe cm b',
    out: /^Name: +b\nNamespace: +team\nLabels: +<none>\nAnnotations: +kcp\.io\/cluster: <cluster>\n\nData\n====\ngreeting\.txt:\n----\nhello\n\n\n?\n?BinaryData\n====\n\nEvents: +<none>$/,
  },
  {
    run: 'describe role reader',
    out: text(`
      Name:         reader
      Labels:       <none>
      Annotations:  kcp.io/cluster: x
      PolicyRule:
        Resources   Non-Resource URLs  Resource Names  Verbs
        ---------   -----------------  --------------  -----
        configmaps  []                 []              [get list]
    `),
  },
  {
    run: 'describe rolebinding readers',
    out: text(`
      Name:         readers
      Labels:       <none>
      Annotations:  kcp.io/cluster: x
      Role:
        Kind:  Role
        Name:  reader
      Subjects:
        Kind            Name   Namespace
        ----            ----   ---------
        User            ann
        ServiceAccount  robot  team
    `),
  },
  {
    run: 'describe namespace team',
    out: text(`
      Name:         team
      Labels:       kubernetes.io/metadata.name=team
      Annotations:  kcp.io/cluster: x
      Status:       Active

      No resource quota.
    `),
  },
  {
    run: 'describe sa robot',
    out: /^Name: +robot\nNamespace: +team\nLabels: +<none>\nAnnotations: +kcp\.io\/cluster: <cluster>\nImage pull secrets: +<none>(\nMountable secrets: +<none>\nTokens: +<none>)?\nEvents: +<none>$/,
  },
  { run: 'describe cm sho', out: /^Name: +shop\n/ },
  { run: 'describe cm nothing', code: 1, err: 'Error from server (NotFound): configmaps "nothing" not found' },
  { run: 'describe httpbins', code: 1, err: 'error: the server doesn\'t have a resource type "httpbins"' },
];
