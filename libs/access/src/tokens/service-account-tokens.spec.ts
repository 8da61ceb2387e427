import { createHmac, createPublicKey, verify } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createAuthenticate } from '../authenticate.ts';
import { createTokenTable } from '../token-table.ts';
import { acceptServiceAccounts } from './accept-service-accounts.ts';
import { newSigningKey, SigningKey } from './jws.ts';
import { abroad, ServiceAccountTokens } from './service-account-tokens.ts';

const url = 'https://mesh.test';
const order = { cluster: 'c1', namespace: 'n', name: 'bot', uid: 'u1' };
const home = `${url}/clusters/c1`;
const clock = { at: Date.parse('2026-01-01T00:00:00.900Z') };
const key = new SigningKey(newSigningKey());
const tokens = new ServiceAccountTokens(key, url, () => clock.at);

const part = (token: string, index: number): Record<string, unknown> =>
  JSON.parse(Buffer.from(token.split('.')[index] ?? '', 'base64url').toString()) as Record<string, unknown>;
const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('a token', () => {
  const { token, expiresAt } = tokens.issue(order, [home], 600);

  test("says whose it is, for whom and how long, in upstream's claims", () => {
    expect(part(token, 1)).toMatchObject({
      sub: 'system:serviceaccount:n:bot',
      iss: home,
      aud: [home],
      iat: 1767225600,
      exp: 1767226200,
      'kubernetes.io': { namespace: 'n', serviceaccount: { name: 'bot', uid: 'u1' } },
    });
    expect(expiresAt).toBe('2026-01-01T00:10:00Z');
    const claim = tokens.read(token);
    expect(claim).toMatchObject({ ...order, identity: { user: 'system:serviceaccount:n:bot', uid: 'u1' } });
    expect(claim?.identity.groups).toEqual(['system:serviceaccounts', 'system:serviceaccounts:n', 'system:authenticated']);
    // Grants are gathered once per identity.
    expect(tokens.read(token)).toBe(claim);
  });

  test('begins a minute early for those whose clock is behind, and no earlier', () => {
    const other = new ServiceAccountTokens(key, url, () => clock.at - 59_000);
    expect(other.read(token)).toMatchObject(order);
    expect(new ServiceAccountTokens(key, url, () => clock.at - 62_000).read(token)).toBeUndefined();
  });

  test('can be checked with the published key', () => {
    const [head, claims, signature = ''] = token.split('.');
    const publicKey = createPublicKey({ key: { ...tokens.keys[0] }, format: 'jwk' });
    const signed = Buffer.from(`${head}.${claims}`);
    expect(verify('sha256', signed, { key: publicKey, dsaEncoding: 'ieee-p1363' }, Buffer.from(signature, 'base64url'))).toBe(true);
    expect(part(token, 0)).toEqual({ alg: 'ES256', kid: tokens.keys[0]?.['kid'] });
    expect(tokens.keys[0]).not.toHaveProperty('d');
  });

  test('ends', () => {
    const short = tokens.issue(order, [home], 600).token;
    clock.at += 601_000;
    expect([tokens.read(short), tokens.read(token)]).toEqual([undefined, undefined]);
    clock.at -= 601_000;
  });

  test('that another has signed, or that was changed, says nothing', () => {
    const [head = '', claims = '', signature = ''] = token.split('.');
    const other = new ServiceAccountTokens(new SigningKey(newSigningKey()), url, () => clock.at).issue(order, [home], 600).token;
    const mac = createHmac('sha256', JSON.stringify(tokens.keys[0]))
      .update(`${encoded({ alg: 'HS256' })}.${claims}`)
      .digest('base64url');
    const forged = [
      other,
      `${head}.${encoded({ ...part(token, 1), sub: 'system:serviceaccount:n:admin' })}.${signature}`,
      `${encoded({ alg: 'none' })}.${claims}.`,
      `${encoded({ alg: 'HS256' })}.${claims}.${mac}`,
      `${encoded({ alg: 'ES256', kid: key.id, x: 1 })}.${claims}.${signature}`,
      `${head}.${claims}.${signature.slice(0, -2)}`,
      `${head}.${claims}.`,
      `${head}.${claims}`,
      `${head}.`,
      '..',
      'eyJ',
    ];
    for (const token of forged) expect(tokens.read(token)).toBeUndefined();
  });

  test('of another address is none of ours, a lasting one is', () => {
    const moved = new ServiceAccountTokens(key, 'https://elsewhere.test', () => clock.at);
    expect(moved.read(token)).toBeUndefined();
    const lasting = tokens.issueLasting({ ...order, bound: { kind: 'Secret', name: 's', uid: 'u2' } });
    expect(moved.read(lasting)).toMatchObject({ ...order, bound: { name: 's', uid: 'u2' } });
  });
});

test('a ServiceAccount is nobody abroad, and others are who they are', () => {
  const bot = tokens.read(tokens.issue(order, [home], 600).token)!.identity;
  expect(abroad(bot)).toMatchObject({ user: 'system:foreign:system:serviceaccount:n:bot', groups: ['system:authenticated'] });
  const ada = { user: 'ada', uid: '', groups: ['team'], extra: {} };
  expect(abroad(ada)).toBe(ada);
});

describe('authentication', () => {
  const table = createTokenTable([{ token: 'a-token-of-ada', user: 'ada', uid: '', groups: [] }]);
  const authenticate = acceptServiceAccounts(createAuthenticate(table), tokens);
  const shown = (token: string, ...more: string[]) => authenticate(['Authorization', `Bearer ${token}`, ...more], '192.0.2.1');

  test('takes a ServiceAccount at its word for the workspace to judge, and all others as ever', () => {
    expect(shown(tokens.issue(order, ['x', home], 600).token)).toMatchObject({ type: 'claimed', claim: order });
    expect(shown('a-token-of-ada')).toMatchObject({ type: 'identified', identity: { user: 'ada' } });
    expect(shown('eyJ.nothing.at-all')).toMatchObject({ type: 'refused', reason: 'Unauthorized' });
    expect(authenticate([], undefined)).toMatchObject({ type: 'identified', identity: { user: 'system:anonymous' } });
  });

  test('refuses a token that is meant for somebody else', () => {
    expect(shown(tokens.issue(order, ['vault'], 600).token)).toMatchObject({ type: 'refused', reason: 'Unauthorized' });
    expect(shown(tokens.issue(order, [`${url}/clusters/c2`], 600).token)).toMatchObject({ type: 'refused', reason: 'Unauthorized' });
  });

  test('reads whom it wants to act as', () => {
    expect(shown(tokens.issue(order, [home], 600).token, 'Impersonate-User', 'ada')).toMatchObject({
      type: 'claimed',
      wanted: { user: 'ada' },
    });
  });
});
