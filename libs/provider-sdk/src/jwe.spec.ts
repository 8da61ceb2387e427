import { expect, test } from 'vitest';
import { decryptWith, encryptFor, newOrderKey, parsePublicKey, type Jwk } from './jwe.ts';

const key = newOrderKey('one');

test('what is encrypted for a key is opened by its private half, and says nothing by itself', () => {
  const jwe = encryptFor(key.publicKey, 'acc/u1', 'hunter2 – ünïcode');
  expect(jwe).toMatch(/^[\w-]+\.\.[\w-]{16}\.[\w-]+\.[\w-]{22}$/);
  expect(Buffer.from(jwe.split('.').join(''), 'base64url').toString('latin1')).not.toContain('hunter2');
  expect(decryptWith([newOrderKey('other').privateKey, key.privateKey], 'acc/u1', jwe)).toBe('hunter2 – ünïcode');
  expect(encryptFor(key.publicKey, 'acc/u1', 'hunter2')).not.toBe(encryptFor(key.publicKey, 'acc/u1', 'hunter2'));
});

test('it opens with no other key, as about nothing else, and not after it was changed', () => {
  const jwe = encryptFor(key.publicKey, 'acc/u1', 'hunter2');
  expect(() => decryptWith([newOrderKey('two').privateKey], 'acc/u1', jwe)).toThrow('no private key one');
  expect(() => decryptWith([newOrderKey('one').privateKey], 'acc/u1', jwe)).toThrow();
  expect(() => decryptWith([key.privateKey], 'acc/u2', jwe)).toThrow('of another order');
  const [header = '', ...rest] = jwe.split('.');
  const forged = Buffer.from(Buffer.from(header, 'base64url').toString().replace('acc/u1', 'acc/u2')).toString('base64url');
  expect(() => decryptWith([key.privateKey], 'acc/u2', [forged, ...rest].join('.'))).toThrow();
});

test('it opens what other implementations of the standard write', () => {
  // Written by jose 6 for this key.
  const privateKey: Jwk = {
    kty: 'EC',
    crv: 'P-256',
    x: 'Z9XWjZBFnDmmxa6iNTDroEsPrXdZo5Mvf30HswddlMA',
    y: 'vyEm66C1Z2E32vVvKV2qTuofng94bNn42Pg9jLD1MsM',
    d: 'sIdDWVo7P_EC2bvdO6cvOBi3O5JOl5UGQHYIUty0YQA',
    kid: 'k1',
  };
  const jwe =
    'eyJhbGciOiJFQ0RILUVTIiwiZW5jIjoiQTI1NkdDTSIsImtpZCI6ImsxIiwic3ViIjoiYWNjL3UxIiwiZXBrIjp7IngiOiJFaHRnLXZmQmlSeGp2V1FWaTlQZDJiaDdsMldIMTdCRHJXMElHV3c0T1dzIiwiY3J2IjoiUC0yNTYiLCJrdHkiOiJFQyIsInkiOiJNZThaY19RbEVyTmw3T3VWSFFWRnpSakk3OE9abjVfVFNGcGVVVDJjeTFVIn19..WSB3puzn6Dr-ZRoF.rg696DE.0ZStVpNhSytlFLUva3dLwA';
  expect(decryptWith([privateKey], 'acc/u1', jwe)).toBe('hello');
});

test.each([
  ['no JSON', 'x'],
  ['another curve', JSON.stringify({ ...key.publicKey, crv: 'P-384' })],
  ['a point that is on no curve', JSON.stringify({ ...key.publicKey, x: key.publicKey.y })],
  ['a private key', JSON.stringify(key.privateKey)],
])('%s is no public key', (_, text) => {
  expect(parsePublicKey(text)).toBeUndefined();
  expect(parsePublicKey(JSON.stringify(key.publicKey))).toEqual(key.publicKey);
});
