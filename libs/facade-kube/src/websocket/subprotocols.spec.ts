import { describe, expect, it } from 'vitest';
import { readSubprotocols, withOfferedToken } from './subprotocols.ts';

const bearer = (token: string) => `base64url.bearer.authorization.k8s.io.${Buffer.from(token).toString('base64url')}`;

describe('what a WebSocket client offers', () => {
  it('is told apart from the token that stands among it', () => {
    expect(readSubprotocols(undefined)).toEqual({ credential: undefined, offered: [] });
    expect(readSubprotocols('base64.binary.k8s.io')).toEqual({ credential: undefined, offered: ['base64.binary.k8s.io'] });
    expect(readSubprotocols(`${bearer('abc')}, base64.binary.k8s.io`)).toEqual({
      credential: { type: 'token', token: 'abc' },
      offered: ['base64.binary.k8s.io'],
    });
  });

  it.each([
    ['a token and nothing to echo', bearer('abc')],
    ['two tokens', `${bearer('a')},${bearer('b')},x`],
    ['no base64url', 'base64url.bearer.authorization.k8s.io.a+b,x'],
    ['a line break in the token', `${bearer('a\nb')},x`],
    ['nothing', 'base64url.bearer.authorization.k8s.io.,x'],
  ])('proves nothing with %s', (_, header) => {
    expect(readSubprotocols(header).credential).toEqual({ type: 'malformed' });
    expect(withOfferedToken([], header)).toEqual(['Authorization', 'none']);
  });

  it('stands for credentials where there are no others', () => {
    expect(withOfferedToken(['Host', 'x'], `x, ${bearer('abc')}`)).toEqual(['Host', 'x', 'Authorization', 'Bearer abc']);
    const own = ['authorization', 'Bearer own'];
    expect(withOfferedToken(own, `x, ${bearer('abc')}`)).toBe(own);
    expect(withOfferedToken(['Host', 'x'], 'x')).toEqual(['Host', 'x']);
  });
});
