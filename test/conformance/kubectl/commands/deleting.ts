import type { Step } from '../step.ts';

const watching = /watch=true.*200 OK/;

/** Deletion by name, label, file and raw; held back by finalizers; and whole namespaces. */
export const deleting: readonly Step[] = [
  { run: 'delete cm a --dry-run=server', out: (minor) => `configmap "a" deleted${from(minor)} (server dry run)` },
  { run: 'delete cm a --dry-run=client', out: (minor) => `configmap "a" deleted${from(minor)} (dry run)` },
  { run: 'delete cm a', out: (minor) => `configmap "a" deleted${from(minor)}` },
  { run: 'delete cm a', code: 1, err: 'Error from server (NotFound): configmaps "a" not found' },
  { run: 'delete cm a --ignore-not-found' },
  { run: 'delete cm b -o name', out: 'configmap/b' },
  { run: 'delete -f till.yaml --cascade=foreground', out: (minor) => `configmap "till" deleted${from(minor)}` },
  { run: 'delete cm c --cascade=orphan', out: (minor) => `configmap "c" deleted${from(minor)}` },
  { run: 'delete cm from-stdin --now --wait=false', out: (minor) => `configmap "from-stdin" deleted${from(minor)}` },
  {
    run: 'delete cm raw --grace-period=0 --force',
    out: (minor) => `configmap "raw" force deleted${from(minor)}`,
    err: 'Warning: Immediate deletion does not wait for confirmation that the running resource has been terminated. The resource may continue to run on the cluster indefinitely.',
  },
  {
    run: 'delete --raw {prefix}/api/v1/namespaces/team/configmaps/misspelt',
    out: /^\{"kind":"Status","apiVersion":"v1","metadata":\{\},"status":"Success","details":\{"name":"misspelt","kind":"configmaps","uid":"<uid>"\}\}$/,
  },
  { run: 'delete cm -l app=many', out: (minor) => new RegExp(`^(configmap "many-.{5}" deleted${from(minor)}\\n?){2}$`) },
  { run: 'delete cm -l app=many', out: 'No resources found' },
  { run: 'apply -f finalizer.yaml', out: 'configmap/held created' },
  { run: 'delete cm held --wait=false', out: (minor) => `configmap "held" deleted${from(minor)}` },
  {
    run: 'delete cm held --timeout=300ms',
    code: 1,
    out: (minor) => `configmap "held" deleted${from(minor)}`,
    err: /(^|\n)error: timed out waiting for the condition on configmaps\/held$/,
  },
  { run: 'get cm held -o jsonpath={.metadata.deletionTimestamp},{.metadata.deletionGracePeriodSeconds}', out: '<time>,0' },
  {
    run: 'patch cm held --type=merge -p \'{"metadata":{"finalizers":["example.com/hold","example.com/more"]}}\'',
    code: 1,
    err: 'The ConfigMap "held" is invalid: metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"example.com/more"}',
  },
  {
    run: 'wait --for=delete cm/held --timeout=20s -v=6',
    code: 0,
    err: watching,
    meanwhile: { begun: watching, run: ['patch cm held --type=json -p \'[{"op":"remove","path":"/metadata/finalizers"}]\''] },
    out: 'configmap/held condition met',
  },
  {
    run: 'delete cm,role one',
    out: (minor) => `configmap "one" deleted${from(minor)}\nrole.rbac.authorization.k8s.io "one" deleted${from(minor)}`,
  },
  {
    run: 'delete roles --all',
    out: (minor) => new RegExp(`^role\\.rbac\\.authorization\\.k8s\\.io "reader" deleted${from(minor)}(\nrole|$)`),
  },
  { run: 'delete clusterrolebinding lookers', out: 'clusterrolebinding.rbac.authorization.k8s.io "lookers" deleted' },
  { run: 'delete cm --all -n nowhere', out: 'No resources found' },
  { run: 'delete sa default --wait=false', out: (minor) => `serviceaccount "default" deleted${from(minor)}` },
  { run: 'wait --for=create sa/default --timeout=10s', out: 'serviceaccount/default condition met', since: 31 },
  {
    run: 'delete ns default',
    code: 1,
    err: 'Error from server (Forbidden): namespaces "default" is forbidden: this namespace may not be deleted',
  },
  { run: 'create ns doomed', out: 'namespace/doomed created' },
  {
    run: 'apply -f finalizer.yaml -n doomed',
    code: 1,
    err: 'error: the namespace from the provided object "team" does not match the namespace "doomed". You must pass \'--namespace=team\' to perform this operation.',
  },
  {
    run: 'create -n doomed -f -',
    stdin: '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"last","finalizers":["example.com/hold"]}}',
    out: 'configmap/last created',
  },
  { run: 'delete ns doomed --wait=false', out: 'namespace "doomed" deleted' },
  { run: 'get ns doomed --no-headers', out: 'doomed   Terminating   1s' },
  {
    run: 'create cm late -n doomed',
    code: 1,
    err: 'error: failed to create configmap: configmaps "late" is forbidden: unable to create new content in namespace doomed because it is being terminated',
  },
  {
    run: 'wait --for=delete ns/doomed --timeout=20s -v=6',
    code: 0,
    err: watching,
    meanwhile: { begun: watching, run: ['patch cm last -n doomed --type=merge -p \'{"metadata":{"finalizers":null}}\''] },
    out: 'namespace/doomed condition met',
  },
  { run: 'delete ns team', out: 'namespace "team" deleted' },
  { run: 'get cm,sa,roles', err: 'No resources found in team namespace.' },
];

/** Since 1.34 it says where. */
function from(minor: number): string {
  return minor >= 34 ? ' from team namespace' : '';
}
