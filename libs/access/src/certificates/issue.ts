// The certificate library finds its classes by reflection; this must come first.
import 'reflect-metadata';
import { createPublicKey, randomBytes, webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';

/** PEM texts; the key is PKCS #8. */
export type IssuedCertificate = { readonly certificate: string; readonly key: string };

const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
const signingAlgorithm = { name: 'ECDSA', hash: 'SHA-256' };
const dayMilliseconds = 24 * 3600 * 1000;
const caDays = 3650;
const serverDays = 397;
/** Clients whose clock is a little behind accept a certificate of this minute. */
const backdatedMilliseconds = 300_000;

/** `key`: PKCS #8 in PEM. Absent: a new one. */
export async function issueAuthority(commonName: string, now: Date, key?: string): Promise<IssuedCertificate> {
  const keys = key === undefined ? await newKeys() : await keysOf(key);
  // The random part tells the authorities of two installations apart in a trust store.
  const name = `CN=${commonName} ${randomBytes(4).toString('hex')}`;
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name,
    keys,
    signingAlgorithm,
    serialNumber: newSerial(),
    ...validity(now, caDays),
    // A start while the clock is far behind, as after a night without power, must not find it too young, and replace what all clients trust.
    notBefore: new Date(now.getTime() - caDays * dayMilliseconds),
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return issued(certificate, keys);
}

export async function issueServerCertificate(ca: IssuedCertificate, names: readonly string[], now: Date): Promise<IssuedCertificate> {
  const authority = new X509Certificate(ca.certificate);
  const signingKey = await webcrypto.subtle.importKey('pkcs8', PemConverter.decodeFirst(ca.key), algorithm, false, ['sign']);
  const keys = await newKeys();
  const certificate = await X509CertificateGenerator.create({
    subject: 'CN=tributary',
    issuer: authority.subject,
    publicKey: keys.publicKey,
    signingKey,
    signingAlgorithm,
    serialNumber: newSerial(),
    ...validity(now, serverDays),
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension(names.map((value) => ({ type: isIP(value) ? 'ip' : 'dns', value }))),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
      await AuthorityKeyIdentifierExtension.create(authority.publicKey),
    ],
  });
  return issued(certificate, keys);
}

export async function newKey(): Promise<string> {
  return keyText((await newKeys()).privateKey);
}

async function keysOf(key: string): Promise<webcrypto.CryptoKeyPair> {
  const { subtle } = webcrypto;
  const privateKey = await subtle.importKey('pkcs8', PemConverter.decodeFirst(key), algorithm, true, ['sign']);
  const spki = createPublicKey(key).export({ type: 'spki', format: 'der' });
  return { privateKey, publicKey: await subtle.importKey('spki', new Uint8Array(spki), algorithm, true, ['verify']) };
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
}

/** Positive and of fixed length: the first byte is neither 0 nor above 7f. */
function newSerial(): string {
  const serial = randomBytes(16);
  serial[0] = (serial[0]! & 0x3f) | 0x40;
  return serial.toString('hex');
}

function validity(now: Date, days: number): { notBefore: Date; notAfter: Date } {
  return { notBefore: new Date(now.getTime() - backdatedMilliseconds), notAfter: new Date(now.getTime() + days * dayMilliseconds) };
}

async function issued(certificate: X509Certificate, { privateKey }: webcrypto.CryptoKeyPair): Promise<IssuedCertificate> {
  return { certificate: `${certificate.toString('pem')}\n`, key: await keyText(privateKey) };
}

async function keyText(privateKey: webcrypto.CryptoKey): Promise<string> {
  return `${PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', privateKey), 'PRIVATE KEY')}\n`;
}
