import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeMessage } from './decode-message.ts';
import { decodeProtobuf, hasProtobuf } from './decode-protobuf.ts';
import { integer, message } from './message.ts';

type Vector = { readonly protobuf: string; readonly json: { readonly apiVersion: string; readonly kind: string } };

/** Made by Go: test/conformance/protobuf-vectors. */
const vectors = readFileSync(new URL('../../../../test/conformance/protobuf-vectors/vectors.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Vector);

const expected = { apiVersion: 'v1', kind: 'ConfigMap' };
const decode = (bytes: Buffer) => decodeProtobuf(bytes, expected);
const bytesOf = (index: number): Buffer => Buffer.from(vectors[index]?.protobuf ?? '', 'base64');

/** Go's types differ in whether they write a time that was never set; to a server null and absent are the same. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, field]) => field !== null)
      .map(([name, field]) => [name, withoutNulls(field)]),
  );
}

describe('an object in protobuf', () => {
  it.each(vectors.map((vector, index) => [index, vector.json.kind, vector] as const))(
    'says what its JSON says: %i, %s',
    (_, __, { protobuf, json }) => {
      const decoded = decode(Buffer.from(protobuf, 'base64'));
      if (decoded.type === 'malformed') throw new Error(decoded.message);
      const { apiVersion, kind } = json;
      expect(withoutNulls(decoded.value)).toEqual(withoutNulls(withEmptyStructs(json)));
      expect(kind === 'DeleteOptions' || hasProtobuf(apiVersion, kind)).toBe(true);
    },
  );

  it('has numbers of 64 bits as they are', () => {
    const counted = (...varint: number[]): unknown => decodeMessage(Uint8Array.of(8, ...varint), message({ count: integer(1) }))['count'];
    const sevens = Array.from({ length: 8 }, () => 255);
    expect(counted(...sevens, 127)).toBe(9_223_372_036_854_775_807n);
    expect(counted(...sevens, 255, 1)).toBe(-1);
    expect(counted(3)).toBe(3);
  });

  it('has null where a time was never set, not 1970', () => {
    const event = vectors.find(({ json }) => json.kind === 'Event');
    expect(decode(Buffer.from(event?.protobuf ?? '', 'base64'))).toMatchObject({
      value: { firstTimestamp: null, eventTime: null, metadata: { creationTimestamp: null } },
    });
  });

  it('is of the kind that the endpoint takes where the envelope names none', () => {
    expect(decode(Buffer.from('6b387300120612040a0261621a00', 'hex'))).toMatchObject({ type: 'decoded', value: expected });
  });

  it.each([
    ['no envelope', Buffer.from('{"kind":"ConfigMap"}'), 'provided data does not appear to be a protobuf message'],
    ['nothing', Buffer.alloc(0), 'provided data does not appear to be a protobuf message'],
    ['another encoding', Buffer.from('6b3873001a04677a6970', 'hex'), 'content encoding "gzip" is not supported'],
    ['an unknown kind', envelope('v1', 'Pod', ''), 'no kind "Pod" is registered for version "v1"'],
    ['a wrong wire type', envelope('v1', 'ConfigMap', '0801'), 'proto: wrong wireType = 0 for field metadata'],
    ['a prototype', envelope('v1', 'ConfigMap', '120e0a095f5f70726f746f5f5f120178'), 'field "__proto__" is not allowed'],
    ['FieldsV1 that is no JSON', envelope('v1', 'ConfigMap', '0a098a01063a040a027b7b'), 'FieldsV1 holds no JSON'],
    ['a time out of range', envelope('v1', 'ConfigMap', '0a0e420c08ffffffffffffffff7f1000'), /^no time: /],
  ])('is refused as %s', (_, bytes, message) => {
    expect(decode(bytes)).toEqual({ type: 'malformed', message: typeof message === 'string' ? message : expect.stringMatching(message) });
  });

  it('is refused, and never thrown over, however it was cut or changed', () => {
    const whole = bytesOf(1);
    for (let length = 0; length < whole.length; length += 1) decode(whole.subarray(0, length));
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(255), (at, byte) => {
        const changed = Buffer.from(whole);
        changed[at] = byte;
        expect(['decoded', 'malformed']).toContain(decode(changed).type);
      }),
    );
  });
});

/** Go's newer types leave out structs that are empty; protobuf always has them. */
function withEmptyStructs(json: Vector['json']): object {
  const isMeta = json.kind !== 'DeleteOptions';
  const hasStatus = json.kind === 'Namespace';
  const hasSource = json.kind === 'Event';
  return {
    ...(isMeta ? { metadata: {} } : {}),
    ...(hasStatus ? { spec: {}, status: {} } : {}),
    ...(hasSource ? (json.apiVersion === 'v1' ? { source: {} } : { regarding: {}, deprecatedSource: {} }) : {}),
    ...withoutStatusOfReviews(json),
  };
}

function withoutStatusOfReviews(json: Vector['json']): object {
  const { status: _, ...rest } = json as Vector['json'] & { readonly status?: unknown };
  return json.kind.endsWith('Review') || json.kind === 'TokenRequest' ? rest : json;
}

function envelope(apiVersion: string, kind: string, raw: string): Buffer {
  const part = (number: number, bytes: Buffer): Buffer => Buffer.concat([Buffer.from([(number << 3) | 2, bytes.length]), bytes]);
  const typeMeta = Buffer.concat([part(1, Buffer.from(apiVersion)), part(2, Buffer.from(kind))]);
  return Buffer.concat([Buffer.from('k8s\0'), part(1, typeMeta), part(2, Buffer.from(raw, 'hex'))]);
}
