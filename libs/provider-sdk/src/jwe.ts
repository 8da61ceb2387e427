import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  randomBytes,
} from 'node:crypto';
import type { KeyObject } from 'node:crypto';

/**
 * JSON Web Encryption in its compact form, ECDH-ES over P-256 with A256GCM: every JOSE library can write and read it.
 * https://www.rfc-editor.org/rfc/rfc7516 https://www.rfc-editor.org/rfc/rfc7518#section-4.6
 */
const algorithm = 'ECDH-ES';
const encryption = 'A256GCM';
const cipher = 'aes-256-gcm';
const nonceBytes = 12;
const tagBytes = 16;

/** A public or, with `d`, a private key: EC over P-256. https://www.rfc-editor.org/rfc/rfc7518#section-6.2 */
export type Jwk = {
  readonly kty: 'EC';
  readonly crv: 'P-256';
  readonly x: string;
  readonly y: string;
  readonly d?: string;
  /** Which of its owner's keys this is. */
  readonly kid?: string;
};

/** A key pair of a provider; the public half goes into its APIExport. */
export function newOrderKey(kid: string): { readonly publicKey: Jwk; readonly privateKey: Jwk } {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwkOf = (key: KeyObject): Jwk => ({ ...(key.export({ format: 'jwk' }) as Jwk), kid });
  return { publicKey: jwkOf(pair.publicKey), privateKey: jwkOf(pair.privateKey) };
}

/** Undefined where the text is no such public key. A private key is none: nobody should have sent it. */
export function parsePublicKey(text: string): Jwk | undefined {
  try {
    const { kty, crv, x, y, d, kid } = JSON.parse(text) as Partial<Jwk>;
    if (kty !== 'EC' || crv !== 'P-256' || typeof x !== 'string' || typeof y !== 'string' || d !== undefined) return undefined;
    const key: Jwk = { kty, crv, x, y, ...(typeof kid === 'string' ? { kid } : {}) };
    createPublicKey({ key, format: 'jwk' });
    return key;
  } catch {
    return undefined;
  }
}

/** `subject` says what the text is about: it opens as about nothing else. */
export function encryptFor(publicKey: Jwk, subject: string, text: string): string {
  const ephemeral = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { kty, crv, x, y } = ephemeral.publicKey.export({ format: 'jwk' }) as Jwk;
  const { kid } = publicKey;
  const header = encoded(
    JSON.stringify({ alg: algorithm, enc: encryption, ...(kid === undefined ? {} : { kid }), sub: subject, epk: { kty, crv, x, y } }),
  );
  const key = agreedKey(ephemeral.privateKey, createPublicKey({ key: publicKey, format: 'jwk' }));
  const nonce = randomBytes(nonceBytes);
  const sealing = createCipheriv(cipher, key, nonce, { authTagLength: tagBytes }).setAAD(Buffer.from(header));
  const sealed = Buffer.concat([sealing.update(text), sealing.final()]);
  // Between the header and the nonce stands the encrypted key, which is empty: it was agreed on.
  return [header, '', encoded(nonce), encoded(sealed), encoded(sealing.getAuthTag())].join('.');
}

/** @throws Error where none of the keys opens it, or it is about something else. */
export function decryptWith(privateKeys: readonly Jwk[], subject: string, jwe: string): string {
  const [header = '', , nonce = '', sealed = '', tag = ''] = jwe.split('.');
  const { alg, enc, kid, sub, epk } = JSON.parse(Buffer.from(header, 'base64url').toString()) as Header;
  if (alg !== algorithm || enc !== encryption) throw new Error(`${String(alg)} with ${String(enc)} is not what orders are encrypted with`);
  if (sub !== subject) throw new Error('what is encrypted is of another order');
  const known = privateKeys.find((key) => key.kid === kid);
  if (!known) throw new Error(`there is no private key ${kid === undefined ? 'without a kid' : kid} to open it with`);
  const key = agreedKey(createPrivateKey({ key: known, format: 'jwk' }), createPublicKey({ key: epk, format: 'jwk' }));
  const opening = createDecipheriv(cipher, key, bytes(nonce), { authTagLength: tagBytes })
    .setAAD(Buffer.from(header))
    .setAuthTag(bytes(tag));
  return Buffer.concat([opening.update(bytes(sealed)), opening.final()]).toString();
}

type Header = { readonly alg?: string; readonly enc?: string; readonly kid?: string; readonly sub?: string; readonly epk: Jwk };

/** Concat KDF, one round. https://www.rfc-editor.org/rfc/rfc7518#section-4.6.2 */
function agreedKey(privateKey: KeyObject, publicKey: KeyObject): Buffer {
  const id = Buffer.from(encryption);
  return createHash('sha256')
    .update(uint32(1))
    .update(diffieHellman({ privateKey, publicKey }))
    .update(Buffer.concat([uint32(id.length), id, uint32(0), uint32(0), uint32(256)]))
    .digest();
}

function uint32(value: number): Buffer {
  const four = Buffer.alloc(4);
  four.writeUInt32BE(value);
  return four;
}

const encoded = (content: string | Buffer): string => Buffer.from(content as string).toString('base64url');
const bytes = (text: string): Buffer => Buffer.from(text, 'base64url');
