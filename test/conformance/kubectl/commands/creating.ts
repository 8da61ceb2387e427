import { text, type Step } from '../step.ts';

/** `kubectl create` in all its forms, and what it is refused. From 1.32 on it speaks protobuf here. */
export const creating: readonly Step[] = [
  { run: 'create namespace team', out: 'namespace/team created' },
  { run: 'create namespace team', code: 1, err: 'Error from server (AlreadyExists): namespaces "team" already exists' },
  {
    run: 'create namespace Team',
    code: 1,
    err: text(`
      The Namespace "Team" is invalid: metadata.name: Invalid value: "Team": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')
    `),
  },
  { run: 'create configmap a --from-literal=x=1 --from-literal=y=2', out: 'configmap/a created' },
  { run: 'create cm b --from-file=greeting.txt', out: 'configmap/b created' },
  { run: 'create cm c --from-env-file=environment.env', out: 'configmap/c created' },
  { run: "get cm b c -o jsonpath='{.items[*].data}'", out: '{"greeting.txt":"hello\\n"} {"color":"red","size":"big"}' },
  { run: 'create cm d --from-literal=x=1 --dry-run=server', out: 'configmap/d created (server dry run)' },
  { run: 'create cm d --from-literal=x=1 --dry-run=client', out: 'configmap/d created (dry run)' },
  { run: 'get cm d', code: 1, err: 'Error from server (NotFound): configmaps "d" not found' },
  {
    run: 'create cm d --from-literal=x=1 --dry-run=client -o yaml',
    out: (minor) =>
      minor >= 34
        ? text(`
      apiVersion: v1
      data:
        x: "1"
      kind: ConfigMap
      metadata:
        name: d
    `)
        : text(`
      apiVersion: v1
      data:
        x: "1"
      kind: ConfigMap
      metadata:
        creationTimestamp: null
        name: d
    `),
  },
  { run: 'create cm lost -n nowhere', code: 1, err: 'error: failed to create configmap: namespaces "nowhere" not found' },
  { run: 'create serviceaccount robot', out: 'serviceaccount/robot created' },
  { run: 'create role reader --verb=get,list --resource=configmaps', out: 'role.rbac.authorization.k8s.io/reader created' },
  { run: 'create role one --verb=get --resource=configmaps --resource-name=a', out: 'role.rbac.authorization.k8s.io/one created' },
  {
    run: 'create rolebinding readers --role=reader --serviceaccount=team:robot --user=ann',
    out: 'rolebinding.rbac.authorization.k8s.io/readers created',
  },
  {
    run: 'create clusterrole looker --verb=get,list,watch --resource=namespaces',
    out: 'clusterrole.rbac.authorization.k8s.io/looker created',
  },
  { run: 'create clusterrole pinger --verb=get --non-resource-url=/version', out: 'clusterrole.rbac.authorization.k8s.io/pinger created' },
  { run: 'create clusterrole sum --aggregation-rule=sum=yes', out: 'clusterrole.rbac.authorization.k8s.io/sum created' },
  {
    run: 'create clusterrolebinding lookers --clusterrole=looker --group=people',
    out: 'clusterrolebinding.rbac.authorization.k8s.io/lookers created',
  },
  { run: 'create -f shop.yaml', out: 'configmap/shop created' },
  {
    run: 'create -f shop.yaml',
    code: 1,
    err: 'Error from server (AlreadyExists): error when creating "shop.yaml": configmaps "shop" already exists',
  },
  { run: 'create -f named-by-server.yaml', out: /^configmap\/many-[b-z2-9]{5} created$/ },
  { run: 'create -f named-by-server.yaml -o name', out: /^configmap\/many-[b-z2-9]{5}$/ },
  {
    run: 'create -f -',
    stdin: '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"from-stdin"}}',
    out: 'configmap/from-stdin created',
  },
  {
    run: 'create -f misspelt.yaml',
    code: 1,
    err: 'Error from server (BadRequest): error when creating "misspelt.yaml": ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: unknown field "date", unknown field "metadata.lables"',
  },
  {
    run: 'create -f misspelt.yaml --validate=warn',
    out: 'configmap/misspelt created',
    err: 'Warning: unknown field "date"\nWarning: unknown field "metadata.lables"',
  },
  {
    run: 'delete cm misspelt',
    out: (minor) => (minor >= 34 ? 'configmap "misspelt" deleted from team namespace' : 'configmap "misspelt" deleted'),
  },
  { run: 'create -f misspelt.yaml --validate=ignore', out: 'configmap/misspelt created' },
  {
    run: 'create -f misspelt.yaml --validate=strict --dry-run=server',
    code: 1,
    err: /strict decoding error: unknown field "date", unknown field "metadata.lables"$/,
  },
  {
    run: 'create --raw {prefix}/api/v1/namespaces/team/configmaps -f -',
    stdin: '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"raw"}}',
    out: /"name":"raw"/,
  },
];
