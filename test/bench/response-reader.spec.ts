import { describe, expect, it } from 'vitest';
import { ResponseReader } from './response-reader.ts';

const sized = 'HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{"a":"ä"}'.replace(
  '9',
  String(Buffer.byteLength('{"a":"ä"}')),
);
const chunked = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n{"a\r\n5\r\n":1}\n\r\n0\r\n\r\n';

describe('a response', () => {
  it.each([
    ['of known length', sized, 201, '{"a":"ä"}'],
    ['in chunks', chunked, 200, '{"a":1}\n'],
    ['without a body', 'HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n', 404, ''],
  ])('%s is read whole, however its bytes are cut', (_, text, status, body) => {
    const bytes = Buffer.from(text);
    for (let size = 1; size <= bytes.length; size++) {
      const reader = new ResponseReader();
      const replies = [];
      for (let at = 0; at < bytes.length; at += size) replies.push(reader.read(bytes.subarray(at, at + size)));
      const complete = replies.filter((reply) => reply !== undefined);
      expect(complete.map((reply) => [reply.status, reply.body.toString()])).toEqual([[status, body]]);
      expect(replies.at(-1)).toBeDefined();
    }
  });

  it('follows another one on the same connection', () => {
    const reader = new ResponseReader();
    expect(reader.read(Buffer.from(sized))?.status).toBe(201);
    expect(reader.read(Buffer.from(chunked))?.status).toBe(200);
    expect(reader.read(Buffer.from(sized))?.status).toBe(201);
  });
});
