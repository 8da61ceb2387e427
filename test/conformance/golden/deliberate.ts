/** Where we answer otherwise than upstream, and mean it. */
export type Deliberate = {
  /** Of method, path, header and body. */
  readonly request: RegExp;
  /** Of the difference: `spec.x: 1 became 2`. */
  readonly at: RegExp;
  readonly reason: string;
};

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
    request: /"name":"B_ad"/,
    at: /^(message|details\.causes\[1\]\.\w+): /,
    reason: 'upstream walks the fields in the order of a Go map',
  },
  {
    request: /^GET .*application\/vnd\.kubernetes\.protobuf/,
    at: /^(headers\.content-type|text): /,
    reason: 'whoever accepts nothing that we have is told so in JSON',
  },
];
