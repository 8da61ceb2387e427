import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify, type KeyObject } from 'node:crypto';

/** Signs and checks tokens with ECDSA over P-256 and nothing else. https://www.rfc-editor.org/rfc/rfc7515, compact form, alg ES256. */
export class SigningKey {
  /** Says which key it is, as RFC 7638 has it. */
  readonly id: string;
  /** What others check signatures with: a JSON Web Key. */
  readonly jwk: Readonly<Record<string, string>>;
  readonly #private: KeyObject;
  readonly #public: KeyObject;
  readonly #head: string;

  /** `der`: PKCS #8, as `newSigningKey` makes it. */
  constructor(der: Buffer) {
    this.#private = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
    this.#public = createPublicKey(this.#private);
    const { crv = '', kty = '', x = '', y = '' } = this.#public.export({ format: 'jwk' });
    if (crv !== 'P-256') throw new Error(`tokens are signed with keys over P-256, not ${crv}`);
    this.id = createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url');
    this.jwk = { use: 'sig', kty, kid: this.id, crv, alg: 'ES256', x, y };
    this.#head = encoded({ alg: 'ES256', kid: this.id });
  }

  sign(claims: object): string {
    const signed = `${this.#head}.${encoded(claims)}`;
    return `${signed}.${sign('sha256', Buffer.from(signed), { key: this.#private, dsaEncoding }).toString('base64url')}`;
  }

  /** What a token says, if this very key has signed it in this very way. Its dates and names are the caller's to check. */
  verified(token: string): unknown {
    const cut = token.lastIndexOf('.');
    // The head is one of ours to the letter, so that nothing in it needs to be understood.
    if (!token.startsWith(`${this.#head}.`) || cut <= this.#head.length || !/^[\w-]{86}$/.test(token.slice(cut + 1))) return undefined;
    const signature = Buffer.from(token.slice(cut + 1), 'base64url');
    if (!verify('sha256', Buffer.from(token.slice(0, cut)), { key: this.#public, dsaEncoding }, signature)) return undefined;
    return JSON.parse(Buffer.from(token.slice(this.#head.length + 1, cut), 'base64url').toString()) as unknown;
  }
}

/** PKCS #8. Whoever has it can be any ServiceAccount. */
export function newSigningKey(): Buffer {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'der', type: 'pkcs8' });
}

const dsaEncoding = 'ieee-p1363';

const encoded = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');
