import { gadget, gadgetGroup, gadgetsOf } from '../gadgets.ts';
import { clumsy, posted, type Row } from './row.ts';

const unrecognized = 'the object provided is unrecognized (must be of type Gadget): ';
const gadgets = gadgetsOf(clumsy);

/** Bodies that cannot be read. */
export const unreadableBodies: readonly Row[] = [
  {
    title: 'malformed JSON',
    send: posted('{bad'),
    code: 400,
    reason: 'BadRequest',
    message: `${unrecognized}couldn't get version/kind; json parse error: invalid character 'b' looking for beginning of object key string ({bad)`,
  },
  {
    title: 'JSON that ends too early',
    send: posted('{"a":'),
    code: 400,
    reason: 'BadRequest',
    message: /json parse error: unexpected end of JSON input \(\{"a":\)$/,
  },
  {
    title: 'an empty body',
    send: posted(''),
    code: 400,
    reason: 'BadRequest',
    message: /^the object provided is unrecognized \(must be of type Gadget\)/,
  },
  {
    title: 'malformed YAML',
    send: posted('kind: [Gadget', 'application/yaml'),
    code: 400,
    reason: 'BadRequest',
    message: /error converting YAML to JSON: yaml: line 1/,
  },
  { title: 'no object at all', send: posted('[]'), code: 400, reason: 'BadRequest', message: /^the object provided is unrecognized/ },
  {
    title: 'no kind',
    send: posted({}),
    code: 400,
    reason: 'BadRequest',
    message: `${unrecognized}Object 'Kind' is missing in '{}' ({})`,
  },
  {
    title: 'another content type',
    send: posted('size=small', 'application/x-www-form-urlencoded'),
    code: 415,
    reason: 'UnsupportedMediaType',
    message:
      'the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf',
  },
  {
    title: 'a strategic merge patch, which custom resources do not have',
    send: ['PATCH', `${gadgets}/kept`, { body: {}, contentType: 'application/strategic-merge-patch+json' }],
    code: 415,
    reason: 'UnsupportedMediaType',
    message: /accepted media types include: application\/json-patch\+json, application\/merge-patch\+json/,
  },
  {
    title: 'more than 3 MiB',
    send: posted(gadget('huge', { size: 'x'.repeat(3 * 1024 * 1024) })),
    code: 413,
    reason: 'RequestEntityTooLarge',
    message: 'Request entity too large: limit is 3145728',
  },
  {
    title: 'JSON nested 100,000 deep',
    send: posted('{"a":'.repeat(100_000)),
    code: 400,
    reason: 'BadRequest',
    message: /json parse error: exceeded max depth/,
  },
  {
    title: 'closed JSON nested 5,000 deep',
    send: posted(`{"kind":"Gadget","spec":${'['.repeat(5_000)}${']'.repeat(5_000)}}`),
    code: 400,
    reason: 'BadRequest',
    message: /exceeded max depth/,
  },
  {
    title: 'YAML nested 100,000 deep',
    send: posted('['.repeat(100_000), 'application/yaml'),
    code: 400,
    reason: 'BadRequest',
    message: /exceeded max depth/,
  },
  {
    title: 'YAML that unfolds into a billion words',
    send: posted(
      `a: &a [w,w,w,w,w,w,w,w,w]\n${[...'bcdefghij'].map((name, index) => `${name}: &${name} [${Array(9).fill(`*${'abcdefghi'[index]}`).join(',')}]`).join('\n')}`,
      'application/yaml',
    ),
    code: 400,
    reason: 'BadRequest',
    message: /alias/i,
  },
  {
    title: 'a prototype key',
    send: posted(
      `{"kind":"Gadget","apiVersion":"${gadgetGroup}/v1","metadata":{"name":"p"},"spec":{"size":"small","__proto__":{"polluted":1}}}`,
    ),
    code: 400,
    reason: 'BadRequest',
    message: /field "spec\.__proto__" is not allowed/,
  },
  {
    title: 'a prototype key in a merge patch',
    send: ['PATCH', `${gadgets}/kept`, { body: '{"__proto__":{"polluted":1}}', contentType: 'application/merge-patch+json' }],
    code: 400,
    reason: 'BadRequest',
    message: /field "__proto__" is not allowed/,
  },
  {
    title: 'a prototype key in a JSON patch',
    send: [
      'PATCH',
      `${gadgets}/kept`,
      { body: '[{"op":"add","path":"/__proto__/polluted","value":1}]', contentType: 'application/json-patch+json' },
    ],
    code: 422,
    reason: 'Invalid',
    message: /./,
  },
  {
    title: 'a JSON patch that is no list',
    send: ['PATCH', `${gadgets}/kept`, { body: '{}', contentType: 'application/json-patch+json' }],
    code: 400,
    reason: 'BadRequest',
    message: 'error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp',
  },
  {
    title: 'a merge patch that is no object',
    send: ['PATCH', `${gadgets}/kept`, { body: '[]', contentType: 'application/merge-patch+json' }],
    code: 400,
    reason: 'BadRequest',
    message: 'error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}',
  },
  {
    title: 'a JSON patch that does not fit',
    send: [
      'PATCH',
      `${gadgets}/kept`,
      { body: '[{"op":"test","path":"/spec/size","value":"large"}]', contentType: 'application/json-patch+json' },
    ],
    code: 422,
    reason: 'Invalid',
    message: 'the server rejected our request due to an error in our request',
  },
];
