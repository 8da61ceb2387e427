import { text } from 'node:stream/consumers';
import { createGunzip } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { prefix, startKubeServer } from './testing/kube-server.ts';
import { widgets } from './testing/widget-kinds.ts';

let server: Awaited<ReturnType<typeof startKubeServer>>;
beforeAll(async () => {
  server = await startKubeServer();
});
afterAll(() => server.stop());

const ask = (headers: Record<string, string>) => server.send(`${prefix}/openapi/v2`, { headers });
const protobuf = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf';

/** So many that their document takes longer than one slice to make. */
const many = Array.from({ length: 600 }, (_, index) => ({
  ...widgets,
  resource: `many${index}`,
  kind: `Many${index}`,
  listKind: `Many${index}List`,
}));

describe('/openapi/v2 of many kinds', () => {
  beforeAll(() => void (server.workspaces.acme.kinds = [...server.workspaces.acme.kinds, ...many]));
  afterAll(() => void (server.workspaces.acme.kinds = server.workspaces.acme.kinds.slice(0, -many.length)));

  it('is made while others are served', async () => {
    let isMade = false;
    const made = ask({ accept: 'application/json' }).finally(() => (isMade = true));
    let others = 0;
    for (; !isMade; others++) expect((await server.send('/version')).code).toBe(200);
    const { json } = await made;
    expect(Object.keys(json['definitions'] as object)).toEqual(
      expect.arrayContaining(['com.example.v1.Many0', 'com.example.v1.Many599List']),
    );
    expect(others).toBeGreaterThan(3);
  });

  it('is the same document compressed', async () => {
    const plain = await ask({ accept: 'application/json' });
    expect(plain.headers['content-length']).toBe(String(Buffer.byteLength(plain.text)));
    const response = await server.open(`${prefix}/openapi/v2`, { headers: { 'accept-encoding': 'gzip' } });
    expect(response.headers['content-encoding']).toBe('gzip');
    expect(await text(response.pipe(createGunzip()))).toBe(plain.text);
  });
});

describe('/openapi/v2', () => {
  it.each([[{}], [{ accept: 'application/json' }], [{ accept: '*/*' }], [{ accept: 'application/json, */*' }]])(
    'is JSON for %o',
    async (headers) => {
      const reply = await ask(headers as Record<string, string>);
      expect(reply.headers['content-type']).toBe('application/json');
      expect(reply.json).toMatchObject({ swagger: '2.0' });
    },
  );

  it('is protobuf for those who ask for that', async () => {
    const reply = await ask({ accept: protobuf });
    expect(reply.code).toBe(200);
    expect(reply.headers['content-type']).toBe('application/com.github.proto-openapi.spec.v2.v1.0+protobuf');
    expect(reply.headers['content-length']).toMatch(/^\d{5}$/);
    // `swagger`, the first field, is 2.0.
    expect(reply.text.startsWith('\n\u00032.0')).toBe(true);
  });

  it('is not sent again to those who have it', async () => {
    const { headers } = await ask({ accept: protobuf });
    const json = await ask({ accept: 'application/json' });
    expect(headers.etag).not.toBe(json.headers.etag);
    expect((await ask({ accept: protobuf, 'if-none-match': headers.etag ?? '' })).code).toBe(304);
    expect((await ask({ accept: protobuf, 'if-none-match': json.headers.etag ?? '' })).code).toBe(200);
  });

  it('is not there in other forms', async () => {
    expect(await ask({ accept: 'text/html' })).toMatchObject({ code: 406, json: { reason: 'NotAcceptable' } });
  });
});
