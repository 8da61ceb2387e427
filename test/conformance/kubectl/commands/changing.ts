import type { Step } from '../step.ts';

/** Until 1.29 it forgot two letters. */
const annotated = /^configmap\/shop annotated?$/;

/** Patches of every type, edits, labels, annotations, replacements, and what is refused. */
export const changing: readonly Step[] = [
  { run: 'patch cm shop -p \'{"data":{"size":"big"}}\'', out: 'configmap/shop patched' },
  { run: 'patch cm shop -p \'{"data":{"size":"big"}}\'', out: 'configmap/shop patched (no change)' },
  { run: 'patch cm shop --type=merge -p \'{"data":{"size":null,"shape":"round"}}\'', out: 'configmap/shop patched' },
  {
    run: 'patch cm shop --type=json -p \'[{"op":"test","path":"/data/shape","value":"round"},{"op":"replace","path":"/data/shape","value":"flat"}]\'',
    out: 'configmap/shop patched',
  },
  { run: 'get cm shop -o jsonpath={.data}', out: '{"color":"blue","shape":"flat"}' },
  {
    run: 'patch cm shop --type=json -p \'[{"op":"test","path":"/data/shape","value":"round"}]\'',
    code: 1,
    err: 'The request is invalid: the server rejected our request due to an error in our request',
  },
  {
    run: 'patch cm shop --type=json -p \'[{"op":"remove","path":"/data/nothing"}]\'',
    code: 1,
    err: 'The request is invalid: the server rejected our request due to an error in our request',
  },
  {
    run: 'patch cm shop -p \'{"metadata":{"name":"till"}}\'',
    code: 1,
    err: 'Error from server (BadRequest): the name of the object (till) does not match the name on the URL (shop)',
  },
  {
    run: 'patch cm shop -p \'{"data":{"x":1}}\'',
    code: 1,
    err: /^The request is invalid: patch: Invalid value: "map\[data:map\[x:1\]\]": cannot convert int64 to string$/,
  },
  { run: 'patch cm shop --dry-run=server -p \'{"data":{"size":"big"}}\' -o jsonpath={.data.size}', out: 'big' },
  { run: 'patch cm shop --dry-run=client -p \'{"data":{"size":"big"}}\' -o jsonpath={.data.size}', out: 'big' },
  { run: 'patch -f shop.yaml --local -p \'{"data":{"size":"huge"}}\' -o jsonpath={.data.size}', out: 'huge' },
  { run: "patch cm nothing -p '{}'", code: 1, err: 'Error from server (NotFound): configmaps "nothing" not found' },
  { run: 'edit cm shop', env: { KUBE_EDITOR: 'sed -i s/flat/round/' }, out: 'configmap/shop edited' },
  { run: 'edit cm shop', env: { KUBE_EDITOR: 'true' }, err: 'Edit cancelled, no changes made.' },
  { run: 'edit cm shop -o json', env: { EDITOR: 'sed -i s/round/square/' }, out: /"shape": "square"/ },
  {
    run: 'edit cm shop --output-patch',
    env: { KUBE_EDITOR: 'sed -i s/square/flat/' },
    out: 'Patch: {"data":{"shape":"flat"}}\nconfigmap/shop edited',
  },
  { run: 'edit apply view', code: 1, err: /^error: the server doesn't have a resource type "apply"$/ },
  { run: 'apply edit-last-applied cm/shop', env: { KUBE_EDITOR: 'sed -i s/front/back/' }, out: 'configmap/shop edited' },
  { run: 'label cm shop owner=ann', out: 'configmap/shop labeled' },
  { run: 'label cm shop owner=bob', code: 1, err: "error: 'owner' already has a value (ann), and --overwrite is false" },
  { run: 'label cm shop owner=bob --overwrite', out: 'configmap/shop labeled' },
  { run: 'label cm shop --list', out: /^(?=(.*\n)*app=shop$)(?=(.*\n)*owner=bob$)(?=(.*\n)*tier=front$)([a-z]+=[a-z]+\n?){3}$/m },
  { run: 'label cm shop owner-', out: 'configmap/shop unlabeled' },
  { run: 'label cm shop owner-', out: 'label "owner" not found.\nconfigmap/shop not labeled' },
  { run: 'label cm a b kind=letter', out: 'configmap/a labeled\nconfigmap/b labeled' },
  {
    run: 'label cm shop "owner=not a label"',
    code: 1,
    err: /^error: invalid label value: "owner=not a label": a valid label must be an empty string or consist of alphanumeric characters/,
  },
  { run: 'annotate cm shop note=first', out: annotated },
  {
    run: 'annotate cm shop note=second',
    code: 1,
    err: "error: --overwrite is false but found the following declared annotation(s): 'note' already has a value (first)",
  },
  {
    run: 'annotate cm shop note=second --overwrite --resource-version=1',
    code: 1,
    err: 'Error from server (Conflict): Operation cannot be fulfilled on configmaps "shop": the object has been modified; please apply your changes to the latest version and try again',
  },
  { run: 'annotate cm shop note-', out: annotated },
  { run: 'replace -f till.yaml', out: 'configmap/till replaced' },
  { run: 'replace -f till-changed.yaml --dry-run=server', out: 'configmap/till replaced (server dry run)' },
  { run: 'get cm till -o jsonpath={.data.drawer}', out: 'open' },
  { run: 'replace -f misspelt.yaml', code: 1, err: /strict decoding error: unknown field "date", unknown field "metadata.lables"$/ },
  {
    run: 'replace -f -',
    stdin: '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"till","namespace":"team"},"data":{"x":1}}',
    code: 1,
    err: /^Error from server \(BadRequest\): error when replacing "STDIN": ConfigMap in version "v1" cannot be handled as a ConfigMap: .*data\.x/,
  },
  {
    run: 'replace -f base/greeting.yaml',
    code: 1,
    err: 'Error from server (NotFound): error when replacing "base/greeting.yaml": configmaps "greeting" not found',
  },
  {
    run: 'replace --force -f till-changed.yaml',
    out: (minor) => `configmap "till" deleted${minor >= 34 ? ' from team namespace' : ''}\nconfigmap/till replaced`,
  },
  {
    run: 'replace --raw {prefix}/api/v1/namespaces/team/configmaps/till -f -',
    stdin: '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"till"},"data":{"raw":"yes"}}',
    out: /"data":\{"raw":"yes"\}/,
  },
  { run: 'set subject rolebinding readers --user=bob', out: 'rolebinding.rbac.authorization.k8s.io/readers subjects updated' },
  { run: 'get rolebinding readers -o jsonpath={.subjects[*].name}', out: 'ann robot bob' },
  {
    run: 'patch rolebinding readers -p \'{"roleRef":{"name":"one"}}\'',
    code: 1,
    err: /^The RoleBinding "readers" is invalid: roleRef: Invalid value: .*: cannot change roleRef$/,
  },
  {
    run: 'scale --replicas=2 cm/shop',
    code: 1,
    err: 'Error from server (NotFound): the server could not find the requested resource (patch configmaps shop)',
  },
  { run: 'rollout status cm/shop', code: 1, err: /^error: no status viewer has been implemented for (\/v1, Kind=)?ConfigMap$/ },
];
