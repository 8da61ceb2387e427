import { text, type Step } from '../step.ts';

/** `apply` from the client and on the server, `diff`, kustomizations and both ways to prune. */
export const applying: readonly Step[] = [
  {
    run: 'apply -f shop.yaml',
    out: 'configmap/shop configured',
    err: 'Warning: resource configmaps/shop is missing the kubectl.kubernetes.io/last-applied-configuration annotation which is required by kubectl apply. kubectl apply should only be used on resources created declaratively by either kubectl create --save-config or kubectl apply. The missing annotation will be patched automatically.',
  },
  { run: 'apply -f shop.yaml', out: 'configmap/shop unchanged' },
  {
    run: 'diff -f shop-changed.yaml',
    code: 1,
    out: /\n data:\n- {2}color: blue\n- {2}size: small\n\+ {2}color: green\n kind: ConfigMap\n/,
  },
  { run: 'diff -f shop.yaml' },
  { run: 'apply -f shop-changed.yaml --dry-run=server', out: 'configmap/shop configured (server dry run)' },
  { run: 'apply -f shop-changed.yaml --dry-run=client', out: 'configmap/shop configured (dry run)' },
  { run: 'apply -f shop-changed.yaml', out: 'configmap/shop configured' },
  { run: 'get cm shop -o jsonpath={.data}', out: '{"color":"green"}' },
  {
    run: 'apply view-last-applied cm/shop',
    out: text(`
      apiVersion: v1
      data:
        color: green
      kind: ConfigMap
      metadata:
        annotations: {}
        labels:
          app: shop
          tier: front
        name: shop
        namespace: team
    `),
  },
  { run: 'apply set-last-applied -f shop.yaml', out: 'configmap/shop configured' },
  {
    run: 'apply -f misspelt.yaml',
    code: 1,
    err: /^(Warning: .*\n)?The request is invalid: patch: Invalid value: .*: strict decoding error: unknown field "metadata.lables", unknown field "date"$/,
  },
  { run: 'apply -f shop.yaml', out: 'configmap/shop configured' },
  { run: 'apply -f till.yaml --server-side', out: 'configmap/till serverside-applied' },
  { run: 'apply -f till.yaml --server-side', out: 'configmap/till serverside-applied' },
  {
    run: 'apply -f till-changed.yaml --server-side --field-manager=other',
    code: 1,
    err: text(`
      error: Apply failed with 1 conflict: conflict with "kubectl": .data.drawer
      Please review the fields above--they currently have other managers. Here
      are the ways you can resolve this warning:
      * If you intend to manage all of these fields, please re-run the apply
        command with the \`--force-conflicts\` flag.
      * If you do not intend to manage all of the fields, please edit your
        manifest to remove references to the fields that should keep their
        current managers.
      * You may co-own fields by updating your manifest to match the existing
        value; in this case, you'll become the manager if the other manager(s)
        stop managing the field (remove it from their configuration).
      See https://kubernetes.io/docs/reference/using-api/server-side-apply/#conflicts
    `),
  },
  {
    run: 'diff -f till-changed.yaml --server-side --field-manager=other --force-conflicts',
    code: 1,
    out: /\n data:\n- {2}drawer: open\n\+ {2}drawer: shut\n/,
  },
  {
    run: 'apply -f till-changed.yaml --server-side --field-manager=other --force-conflicts --dry-run=server',
    out: 'configmap/till serverside-applied (server dry run)',
  },
  { run: 'apply -f till-changed.yaml --server-side --field-manager=other --force-conflicts', out: 'configmap/till serverside-applied' },
  {
    run: 'get cm till -o "jsonpath={range .metadata.managedFields[*]}{.manager} {.operation} {.fieldsV1}{end}" --show-managed-fields',
    out: 'other Apply {"f:data":{"f:drawer":{}}}',
  },
  { run: 'apply -f shop.yaml --server-side', out: 'configmap/shop serverside-applied' },
  {
    run: 'get cm shop -o "jsonpath={range .metadata.managedFields[*]}{.manager} {.operation},{end}" --show-managed-fields',
    out: 'kubectl Apply,kubectl-last-applied Apply,kubectl-create Update,',
  },
  {
    run: 'kustomize base',
    out: text(`
      apiVersion: v1
      data:
        a: b
      kind: ConfigMap
      metadata:
        labels:
          made-by: kustomize
        name: k-generated
        namespace: team
      ---
      apiVersion: v1
      data:
        hello: world
      kind: ConfigMap
      metadata:
        labels:
          made-by: kustomize
        name: k-greeting
        namespace: team
    `),
  },
  { run: 'apply -k base', out: 'configmap/k-generated created\nconfigmap/k-greeting created' },
  { run: 'get -k base -o name', out: 'configmap/k-generated\nconfigmap/k-greeting' },
  { run: 'diff -k base' },
  {
    run: 'delete -k base',
    out: (minor) =>
      ['k-generated', 'k-greeting'].map((name) => `configmap "${name}" deleted${minor >= 34 ? ' from team namespace' : ''}`).join('\n'),
  },
  { run: 'apply -f prune', out: 'configmap/one created\nconfigmap/two created' },
  {
    run: 'apply -f prune/one.yaml --prune -l set=numbers --prune-allowlist=core/v1/ConfigMap',
    out: 'configmap/one unchanged\nconfigmap/two pruned',
  },
  { run: 'get cm -l set=numbers -o name', out: 'configmap/one' },
  {
    run: 'apply -f prune --prune --applyset=configmaps/parent -n team',
    env: { KUBECTL_APPLYSET: 'true' },
    out: 'configmap/one configured\nconfigmap/two created',
  },
  { run: 'get cm -l applyset.kubernetes.io/part-of -o name', out: 'configmap/one\nconfigmap/two' },
  {
    run: 'apply -f prune/one.yaml --prune --applyset=configmaps/parent -n team',
    env: { KUBECTL_APPLYSET: 'true' },
    out: 'configmap/one unchanged\nconfigmap/two pruned',
  },
  {
    run: 'get cm parent -o jsonpath={.metadata.annotations}',
    out: /"applyset\.kubernetes\.io\/contains-group-(kinds|resources)":"(ConfigMap|configmaps)"/,
  },
];
