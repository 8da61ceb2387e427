import { describe, expect, it } from 'vitest';
import { parseConnectionString } from './connection-string.ts';

describe('a connection string', () => {
  it('names one node, several, or a cluster', () => {
    expect(parseConnectionString('esdb://localhost')).toMatchObject({ endpoints: [{ address: 'localhost', port: 2113 }], discover: false });
    expect(parseConnectionString('kurrentdb://a:1,b:2/?tls=true')).toMatchObject({
      endpoints: [
        { address: 'a', port: 1 },
        { address: 'b', port: 2 },
      ],
      channel: { insecure: false },
    });
    expect(parseConnectionString('esdb+discover://db.example')).toMatchObject({ discover: true });
  });

  it('says who asks, and how', () => {
    const said = parseConnectionString('esdb://some%40one:p%3A%2Fss@localhost:2113?tls=false&keepAliveInterval=20000');
    expect(said).toMatchObject({
      user: { username: 'some@one', password: 'p:/ss' },
      channel: { insecure: true },
      keepAlive: { keepAliveInterval: 20_000 },
    });
  });

  it.each([
    'http://me:s3cret@localhost',
    'esdb://me:s3cret@',
    'esdb://me:s3cret@localhost:x',
    'esdb://me:s3cret@localhost:99999',
    'esdb://me:s3cret@localhost?tls=perhaps',
    'esdb://me:s3cret@localhost?nodePreference=follower',
    'esdb://me:s3cret@localhost?throwOnAppendFailure=false',
    'esdb://me:s3cret@localhost?tlsVerifyCert=false',
    'esdb://me:s3cret@localhost?constructor=x',
    'esdb://me:s3cret@localhost?keepAliveTimeout=soon',
    'esdb://me:s3cret@localhost?userCertFile=/x',
  ])('is refused without repeating its password: %s', (text) => {
    expect(() => parseConnectionString(text)).toThrow(RangeError);
    expect(() => parseConnectionString(text)).toThrow(/^(?!.*s3cret)/);
  });
});
