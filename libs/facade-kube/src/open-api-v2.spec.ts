import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { prefix, startKubeServer } from './testing/kube-server.ts';

let server: Awaited<ReturnType<typeof startKubeServer>>;
beforeAll(async () => {
  server = await startKubeServer();
});
afterAll(() => server.stop());

const ask = (headers: Record<string, string>) => server.send(`${prefix}/openapi/v2`, { headers });
const protobuf = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf';

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
    expect(reply.headers['content-length']).toBe(String(Buffer.byteLength(reply.text)));
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
