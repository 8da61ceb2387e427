import { createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { createAuthenticate } from './authenticate.ts';
import { FailedAttempts } from './failed-attempts.ts';
import { createTokenTable } from './token-table.ts';

const tokens = createTokenTable([
  { token: 'right', user: 'jane', uid: 'u-1', groups: ['team'] },
  { token: 'other', user: 'admin', uid: '', groups: ['system:masters'] },
]);
const authenticate = createAuthenticate(tokens);
const from = '192.0.2.1';

describe('who asks', () => {
  test('a token tells user, uid and groups, and the server adds that they are authenticated', () => {
    expect(authenticate(['Authorization', 'Bearer right'], from)).toEqual({
      type: 'identified',
      identity: { user: 'jane', uid: 'u-1', groups: ['team', 'system:authenticated'], extra: {} },
    });
  });

  test('header name and scheme may be written in any case', () => {
    expect(authenticate(['aUTHORIZATION', 'bearer right'], from)).toMatchObject({ identity: { user: 'jane' } });
  });

  test('no credentials mean the anonymous user', () => {
    expect(authenticate(['Accept', '*/*'], from)).toMatchObject({
      type: 'identified',
      identity: { user: 'system:anonymous', groups: ['system:unauthenticated'] },
    });
  });

  test.each([
    'Bearer wrong',
    'Bearer',
    'Bearer ',
    'Basic cmlnaHQ=',
    'right',
    'Bearer right more',
    'Bearer righ',
    'Bearer rightt',
    'Bearer __proto__',
  ])('%j is refused', (value) => {
    expect(authenticate(['Authorization', value], from)).toEqual({ type: 'refused', reason: 'Unauthorized', message: 'Unauthorized' });
  });
});

describe('what a client may not say', () => {
  test('a second Authorization header is refused, whatever it says', () => {
    expect(authenticate(['Authorization', 'Bearer right', 'authorization', 'Bearer right'], from)).toMatchObject({
      type: 'refused',
      reason: 'BadRequest',
    });
  });

  test('node itself would have hidden the second one: the raw headers show it', async () => {
    const seen = await sentOverHttp(['Authorization', 'Bearer right', 'Authorization', 'Bearer other']);
    expect(seen.headers.authorization).toBe('Bearer right');
    expect(authenticate(seen.rawHeaders, from)).toMatchObject({ type: 'refused', reason: 'BadRequest' });
  });

  test.each(['X-Remote-User', 'X-Remote-Group', 'X-Remote-Extra-Scopes', 'X-Forwarded-User'])('%s changes nothing', (header) => {
    const identity = authenticate(['Authorization', 'Bearer right'], from);
    expect(authenticate([header, 'system:masters', 'Authorization', 'Bearer right'], from)).toEqual(identity);
    expect(authenticate([header, 'system:masters'], from)).toMatchObject({ identity: { user: 'system:anonymous' } });
  });

  test('whom one asks to act as is read from the raw headers, each value by itself', () => {
    const headers = ['Impersonate-User', 'jane', 'impersonate-group', 'a,b', 'IMPERSONATE-GROUP', 'c', 'Impersonate-Extra-Scopes%2fx', 'v'];
    expect(authenticate(['Authorization', 'Bearer right', ...headers], from)).toMatchObject({
      type: 'identified',
      wanted: { user: 'jane', groups: ['a,b', 'c'], uid: '', extra: { 'scopes/x': ['v'] } },
    });
    expect(authenticate(headers, from)).toMatchObject({ type: 'refused', reason: 'Unauthorized' });
  });

  test.each([
    [['Impersonate-Group', 'a']],
    [['Impersonate-User', '']],
    [['Impersonate-User', 'a', 'impersonate-user', 'b']],
    [['Impersonate-User', 'a', 'Impersonate-Uid', '1', 'Impersonate-Uid', '2']],
    [['Impersonate-User', 'a', 'Impersonate-Extra-%zz', 'v']],
    [['Impersonate-User', 'a', 'Impersonate-Whatever', 'v']],
  ])('%j asks for nobody', (headers) => {
    expect(authenticate(['Authorization', 'Bearer right', ...headers], from)).toMatchObject({ type: 'refused', reason: 'BadRequest' });
  });

  test('who impersonates with a wrong token learns only that it is wrong', () => {
    expect(authenticate(['Authorization', 'Bearer wrong', 'Impersonate-User', 'x'], from)).toMatchObject({ reason: 'Unauthorized' });
  });
});

describe('failed attempts', () => {
  const guess = (index: number | string) => ['Authorization', `Bearer guess-${index}`];
  const right = ['Authorization', 'Bearer right'];

  function withClock() {
    let milliseconds = 0;
    const attempts = new FailedAttempts(() => milliseconds);
    return { attempts, authenticate: createAuthenticate(tokens, attempts), pass: (seconds: number) => (milliseconds += seconds * 1000) };
  }

  test('20 at once, then one every 3 seconds', () => {
    const { authenticate, pass } = withClock();
    for (let index = 0; index < 20; index++) expect(authenticate(guess(index), from)).toMatchObject({ reason: 'Unauthorized' });
    expect(authenticate(guess('next'), from)).toMatchObject({ reason: 'TooManyRequests', retryAfterSeconds: 3 });
    pass(3);
    expect(authenticate(guess('next'), from)).toMatchObject({ reason: 'Unauthorized' });
    expect(authenticate(guess('after'), from)).toMatchObject({ reason: 'TooManyRequests' });
  });

  test('a right token is never refused for its neighbours behind the same address, and wins nothing back for them', () => {
    const { authenticate } = withClock();
    for (let index = 0; index < 20; index++) authenticate(guess(index), from);
    for (let index = 0; index < 5; index++) {
      expect(authenticate(right, from)).toMatchObject({ type: 'identified' });
      expect(authenticate(guess(`more-${index}`), from)).toMatchObject({ reason: 'TooManyRequests', retryAfterSeconds: 3 });
    }
  });

  test('right tokens take nothing from what an address may try', () => {
    const { authenticate } = withClock();
    for (let index = 0; index < 100; index++) authenticate(right, from);
    for (let index = 0; index < 20; index++) expect(authenticate(guess(index), from)).toMatchObject({ reason: 'Unauthorized' });
  });

  test('another source is not concerned, except within one IPv6 network', () => {
    const { authenticate } = withClock();
    for (let index = 0; index < 20; index++) authenticate(guess(index), '2001:db8:1:2::a');
    expect(authenticate(guess('x'), '2001:db8:1:2:ffff::1')).toMatchObject({ reason: 'TooManyRequests' });
    expect(authenticate(guess('x'), '2001:db8:1:3::a')).toMatchObject({ reason: 'Unauthorized' });
    for (let index = 0; index < 20; index++) authenticate(guess(index), '::ffff:192.0.2.9');
    expect(authenticate(guess('x'), '192.0.2.9')).toMatchObject({ reason: 'TooManyRequests' });
    expect(authenticate(guess('x'), '192.0.2.10')).toMatchObject({ reason: 'Unauthorized' });
  });

  test('a client that repeats one stale token does not lock out its neighbours', () => {
    const { authenticate } = withClock();
    for (let index = 0; index < 1000; index++) expect(authenticate(guess('stale'), from)).toMatchObject({ reason: 'Unauthorized' });
    expect(authenticate(right, from)).toMatchObject({ type: 'identified' });
  });

  test('memory is bounded, however many sources try', () => {
    const { attempts, authenticate } = withClock();
    for (let index = 0; index < 10_500; index++) authenticate(guess(index), `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`);
    expect(attempts.size).toBe(10_000);
  });
});

function sentOverHttp(headers: string[]): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const server = createServer((message, response) => {
      response.end();
      server.close();
      resolve(message);
    });
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      request({ host: '127.0.0.1', port, headers: ['Host', 'localhost', ...headers] as never, agent: false }, (response) =>
        response.resume(),
      )
        .on('error', reject)
        .end();
    });
  });
}
