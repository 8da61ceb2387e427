import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

/** AES-256-GCM: `<nonce><ciphertext><tag>`. https://csrc.nist.gov/pubs/sp/800/38/d/final */
const algorithm = 'aes-256-gcm';
const nonceBytes = 12;
const tagBytes = 16;

export const keyBytes = 32;

/** Base64. `context` says what is sealed: it opens as nothing else. */
export function encrypt(key: Buffer, plain: Buffer, context: string): string {
  // Random: a key seals one object's versions, far from the 2^32 after which nonces could meet.
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv(algorithm, key, nonce, { authTagLength: tagBytes }).setAAD(Buffer.from(context));
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]).toString('base64');
}

/** @throws Error where the key or the context is another, or the text was changed. */
export function decrypt(key: Buffer, sealed: string, context: string): Buffer {
  const bytes = Buffer.from(sealed, 'base64');
  const end = bytes.length - tagBytes;
  if (end < nonceBytes) throw new Error('what is sealed is cut short');
  const decipher = createDecipheriv(algorithm, key, bytes.subarray(0, nonceBytes), { authTagLength: tagBytes });
  decipher.setAAD(Buffer.from(context)).setAuthTag(bytes.subarray(end));
  return Buffer.concat([decipher.update(bytes.subarray(nonceBytes, end)), decipher.final()]);
}
