import { text, type Step } from '../step.ts';

const deleted = (name: string) => (minor: number) => `${name} deleted${minor >= 34 ? ' from team namespace' : ''}`;

/** A kind of one's own, with a scale, a status and rules; what belongs to what, and policies. */
export const defining: readonly Step[] = [
  { run: 'apply -f definition.yaml', out: 'customresourcedefinition.apiextensions.k8s.io/widgets.example.com created' },
  {
    run: 'wait --for=condition=established crd/widgets.example.com --timeout=10s',
    out: 'customresourcedefinition.apiextensions.k8s.io/widgets.example.com condition met',
  },
  { run: 'get crd widgets.example.com', out: 'NAME                  CREATED AT\nwidgets.example.com   2026-01-01T00:00:00Z' },
  {
    run: 'api-resources --api-group=example.com -o wide',
    out: text(`
      NAME      SHORTNAMES   APIVERSION       NAMESPACED   KIND     VERBS                                                        CATEGORIES
      widgets   wd           example.com/v1   true         Widget   delete,deletecollection,get,list,patch,create,update,watch   all
    `),
  },
  {
    run: 'explain widget.spec',
    out: /^GROUP: +example\.com\nKIND: +Widget\nVERSION: +v1\n\nFIELD: spec <Object>( -required-)?\n(.*\n)+ {2}color\t<string>\n(.*\n)+ {2}replicas\t<integer>\n/,
  },
  {
    run: 'explain widget.spec.color --output plaintext-openapiv2',
    out: /^KIND: +Widget\nVERSION: +example\.com\/v1\n\nFIELD: +color <string>\n\nDESCRIPTION:\n +What it looks like$/,
  },
  { run: 'apply -f widget.yaml', out: 'widget.example.com/first created' },
  { run: 'apply -f widget.yaml', out: 'widget.example.com/first unchanged' },
  {
    run: 'get wd',
    out: text(`
      NAME    COLOR   REPLICAS
      first   red     1
    `),
  },
  { run: 'get all -o name', out: 'widget.example.com/first' },
  { run: 'scale widget first --replicas=3', out: 'widget.example.com/first scaled' },
  { run: 'scale widget first --replicas=5 --current-replicas=4', code: 1, err: 'error: Expected replicas to be 4, was 3' },
  { run: 'get widget first --subresource=scale -o jsonpath={.kind},{.spec.replicas},{.status.selector}', out: 'Scale,3,' },
  {
    run: `patch widget first --subresource=status --type=merge -p '{"status":{"conditions":[{"type":"Ready","status":"True"}],"replicas":3},"spec":{"color":"blue"}}'`,
    out: 'widget.example.com/first patched',
  },
  { run: 'wait --for=condition=Ready widget/first --timeout=5s', out: 'widget.example.com/first condition met' },
  { run: 'get widget first -o jsonpath={.spec.color},{.spec.replicas},{.status.replicas},{.metadata.generation}', out: 'red,3,3,2' },
  {
    run: `patch widget first --type=merge -p '{"spec":{"color":"pink","replicas":99}}'`,
    code: 1,
    err: text(`
      The Widget "first" is invalid:
      * spec.color: Unsupported value: "pink": supported values: "red", "green", "blue"
      * spec.replicas: Invalid value: 99: spec.replicas in body should be less than or equal to 10
      * <nil>: Invalid value: "null": some validation rules were not checked because the object was invalid; correct the existing errors to complete validation
    `),
  },
  {
    run: `patch widget first --type=merge -p '{"spec":{"color":"blue","replicas":9}}'`,
    code: 1,
    err: /^The Widget "first" is invalid: spec: Invalid value: (".*"|\{.*\}): at most 5 blue ones$/,
  },
  {
    run: `patch widget first --type=merge -p '{"spec":{"nothing":1}}'`,
    out: 'widget.example.com/first patched (no change)',
    err: 'Warning: unknown field "spec.nothing"',
  },
  { run: 'get widgets --field-selector spec.color=red -o name', out: 'widget.example.com/first' },
  { run: 'get widgets --field-selector spec.color=blue -o name' },
  { run: 'diff -f widget-changed.yaml', code: 1, out: /\n- {2}color: red\n(.*\n)*\+ {2}color: green\n/ },
  { run: 'apply -f widget-changed.yaml --server-side --force-conflicts', out: 'widget.example.com/first serverside-applied' },
  { run: 'edit widget first', env: { KUBE_EDITOR: 'sed -i s/green/blue/' }, out: 'widget.example.com/first edited' },
  {
    run: 'describe widget first',
    out: /^Name: +first\nNamespace: +team\n(.*\n)+API Version: +example\.com\/v1\nKind: +Widget\n(.*\n)+Spec:\n {2}Color: +blue\n {2}Replicas: +3\n/,
  },
  {
    run: 'apply -f policy.yaml',
    out: 'validatingadmissionpolicy.admissionregistration.k8s.io/few-replicas created\nvalidatingadmissionpolicybinding.admissionregistration.k8s.io/few-replicas created',
  },
  {
    run: `patch widget first --type=merge -p '{"spec":{"color":"green","replicas":8}}'`,
    code: 1,
    err: /ValidatingAdmissionPolicy 'few-replicas' with binding 'few-replicas' denied request: at most 4$/,
  },
  {
    run: `patch widget first --type=merge -p '{"spec":{"color":"red","replicas":9}}'`,
    code: 1,
    err: /ValidatingAdmissionPolicy 'few-replicas' with binding 'few-replicas' denied request: at most 4$/,
  },
  {
    run: 'delete -f policy.yaml',
    out: 'validatingadmissionpolicy.admissionregistration.k8s.io "few-replicas" deleted\nvalidatingadmissionpolicybinding.admissionregistration.k8s.io "few-replicas" deleted',
  },
  { run: 'scale widget first --replicas=5', out: 'widget.example.com/first scaled' },
  { run: 'delete wd first', out: deleted('widget.example.com "first"') },
  { run: 'apply -f widget.yaml', out: 'widget.example.com/first created' },
  { run: 'delete crd widgets.example.com', out: 'customresourcedefinition.apiextensions.k8s.io "widgets.example.com" deleted' },
  {
    run: 'get widgets',
    code: 1,
    err: /^error: the server doesn't have a resource type "widgets"$|the server could not find the requested resource \(get widgets\.example\.com\)$/,
  },
];
