import { text, type Step } from '../step.ts';

/** A provider's API: its kind is a custom resource to every client. */
export const binding: readonly Step[] = [
  { run: 'apply -f binding.yaml', out: 'apibinding.apis.kcp.io/httpbin created' },
  {
    run: 'wait --for=jsonpath={.status.phase}=Bound apibinding/httpbin --timeout=20s',
    out: 'apibinding.apis.kcp.io/httpbin condition met',
  },
  {
    run: 'api-resources --api-group=orchestrate.platform-mesh.io',
    out: text(`
      NAME       SHORTNAMES   APIVERSION                              NAMESPACED   KIND
      httpbins   hb           orchestrate.platform-mesh.io/v1alpha1   true         HttpBin
    `),
  },
  {
    run: 'explain httpbin.spec.region',
    out: /^GROUP: +orchestrate\.platform-mesh\.io\nKIND: +HttpBin\nVERSION: +v1alpha1\n\nFIELD: region <string>\n/,
  },
  { run: 'apply -f web.yaml', out: 'httpbin.orchestrate.platform-mesh.io/web created' },
  { run: 'wait --for=condition=Ready httpbin/web --timeout=30s', out: 'httpbin.orchestrate.platform-mesh.io/web condition met' },
  { run: 'get httpbins', out: /^NAME +REGION +READY +URL +AGE\nweb +eu-west +True +http:\/\/127\.0\.0\.1:\d+\/ +<age>$/ },
  {
    run: 'get httpbins -o wide',
    out: /^NAME +REGION +READY +URL +AGE +HEALTH\nweb +eu-west +True +http:\/\/127\.0\.0\.1:\d+\/ +<age> +Current$/,
  },
  { run: 'apply -f web.yaml', out: 'httpbin.orchestrate.platform-mesh.io/web unchanged' },
  { run: 'diff -f web-changed.yaml', code: 1, out: /\n- {2}region: eu-west\n\+ {2}region: us-east\n/ },
  { run: 'apply -f web-changed.yaml', out: 'httpbin.orchestrate.platform-mesh.io/web configured' },
  { run: 'get httpbin web -o jsonpath={.metadata.generation},{.spec.region}', out: '2,us-east' },
  {
    run: 'wait --for=jsonpath={.status.observedGeneration}=2 httpbin/web --timeout=30s',
    out: 'httpbin.orchestrate.platform-mesh.io/web condition met',
  },
  {
    run: 'patch httpbin web -p \'{"spec":{"region":"x"}}\'',
    code: 1,
    err: /^error: application\/strategic-merge-patch\+json is not supported by orchestrate\.platform-mesh\.io\/v1alpha1, Kind=HttpBin: the body of the request was in an unknown format - accepted media types include: application\/json-patch\+json, application\/merge-patch\+json, application\/apply-patch\+yaml$/,
  },
  { run: 'patch httpbin web --type=merge -p \'{"spec":{"region":"ap-south"}}\'', out: 'httpbin.orchestrate.platform-mesh.io/web patched' },
  { run: 'get httpbin web --subresource=status -o jsonpath={.spec.region}', out: 'ap-south' },
  { run: 'label httpbin web kept=yes', out: 'httpbin.orchestrate.platform-mesh.io/web labeled' },
  {
    run: 'get all -o name',
    out: /^$|^httpbin/,
    err: /^(No resources found in team namespace\.)?$|^error: the server doesn't have a resource type "all"$/,
    code: 1,
  },
  { run: 'get httpbins -l kept=yes -o name', out: 'httpbin.orchestrate.platform-mesh.io/web' },
  { run: 'get httpbins --field-selector spec.region=x', code: 1, err: /field label not supported: spec\.region$/ },
  {
    run: 'apply -f web-wrong.yaml',
    code: 1,
    err: /^Error from server \(BadRequest\): error when creating "web-wrong\.yaml": HttpBin in version "v1alpha1" cannot be handled as a HttpBin: strict decoding error: unknown field "spec\.colour"$/,
  },
  {
    run: 'apply -f web-wrong.yaml --validate=warn',
    code: 1,
    err: /^Warning: unknown field "spec\.colour"\nThe HttpBin "wrong" is invalid:\n\* spec\.region: Invalid value: "integer": spec\.region in body must be of type string: "integer"\n\* spec\.region: Unsupported value: 7: supported values: .*"ap-south"$/,
  },
  { run: 'apply -f web-wrong.yaml --server-side', code: 1, err: /\.spec\.colour: field not declared in schema$/ },
  {
    run: 'scale httpbin web --replicas=2',
    code: 1,
    err: 'Error from server (NotFound): httpbins.orchestrate.platform-mesh.io "web" not found',
  },
  {
    run: 'describe httpbin web',
    out: /^Name: +web\nNamespace: +team\nLabels: +kept=yes\n(.*\n)+Spec:\n {2}Region: +ap-south\nStatus:\n(.*\n)+ +Type: +Ready\n(.*\n)+Events: +<none>$/,
  },
  {
    run: 'delete httpbin web --timeout=30s',
    out: (minor) => `httpbin.orchestrate.platform-mesh.io "web" deleted${minor >= 34 ? ' from team namespace' : ''}`,
  },
  { run: 'get httpbins', err: 'No resources found in team namespace.' },
  { run: 'delete apibinding httpbin --timeout=20s', out: 'apibinding.apis.kcp.io "httpbin" deleted' },
  {
    run: 'get httpbins',
    code: 1,
    // It goes by its cache of discovery first.
    err: /^error: the server doesn't have a resource type "httpbins"$|the server could not find the requested resource \(get httpbins\.orchestrate\.platform-mesh\.io\)$/,
  },
];
