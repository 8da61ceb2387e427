/** Where we answer otherwise than upstream, and mean it. */
export type Deliberate = {
  /** Of method, path, header and body. */
  readonly request: RegExp;
  /** Of the difference: `spec.x: 1 became 2`. */
  readonly at: RegExp;
  readonly reason: string;
  /** What is missing rather than meant. */
  readonly missing?: true;
};

const scale = 'the scale subresource is not served yet';
const collector = 'objects are not kept back for a garbage collector yet';

export const deliberate: readonly Deliberate[] = [
  {
    request: /^(GET|POST) /,
    at: /metadata\.annotations: undefined became \{"kcp\.io\/cluster":"root"\}$/,
    reason: 'every object says to which workspace it belongs',
  },
  {
    request: /"apiVersion":"example\.com\/v2"/,
    at: /^warnings: "299 - \\"unknown field /,
    reason: 'what is of another version is not read, so that nothing in it is unknown',
  },
  {
    request: /"kind":"Gadget"/,
    at: /^(message|details\.causes\[1\]): .*no such key: replicas evaluating rule: too many/,
    reason: 'rules see the object with its defaults, whatever kind it calls itself',
  },
  {
    request: /"name":"B_ad"/,
    at: /^(message|details\.causes\[1\]\.\w+): /,
    reason: 'upstream walks the fields in the order of a Go map, and has a scale to check',
  },
  {
    request: /^GET .*application\/vnd\.kubernetes\.protobuf/,
    at: /^(headers\.content-type|text): /,
    reason: 'whoever accepts nothing that we have is told so in JSON',
  },
  { request: /^GET \/apis\/example\.com\/v1 /, at: /^resources\[2\]: \{"name":"widgets\/scale"/, reason: scale, missing: true },
  { request: /\/(a|s)\/scale/, at: /./, reason: scale, missing: true },
  { request: /^GET \S+\/widgets\/s *$/, at: /^(rv|gen|spec\.replicas): /, reason: scale, missing: true },
  { request: /^(DELETE|PATCH) \S+\/widgets\/d[34] /, at: /./, reason: collector, missing: true },
];
