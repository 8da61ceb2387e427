import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ownAuthority } from './pairs.ts';

/** Who vouches for clients, as PEM; of one's own there may be several. */
export type ClientAuthorityOptions = {
  /** Files are kept in its subfolder `certificates`. */
  readonly dataFolder: string;
  /** One's own authorities. Absent: one that is made at the first start. */
  readonly file?: string | undefined;
  readonly now?: Date;
};

/**
 * The authority that clients' certificates are checked with, and no others. Ours is not the server's own: what proves the server to clients
 * proves no client to the server.
 * @throws Error naming the file when it cannot be understood.
 */
export async function clientAuthority({ dataFolder, file, now = new Date() }: ClientAuthorityOptions): Promise<string> {
  if (file !== undefined) return readAuthorities(file);
  const folder = join(dataFolder, 'certificates');
  const authority = { name: 'client-ca', commonName: 'Tributary client CA', now };
  return (await ownAuthority(folder, authority, ({ x509 }) => now < x509.validToDate)).certificate;
}

async function readAuthorities(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new Error(`the file ${file} cannot be read: ${(cause as NodeJS.ErrnoException).code ?? 'unknown error'}`, { cause });
  });
  const certificates = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  if (certificates.length === 0) throw new Error(`the file ${file} holds no certificate in PEM`);
  for (const [index, certificate] of certificates.entries())
    if (!isAuthority(certificate)) throw new Error(`the file ${file}: certificate ${index + 1} is not that of an authority`);
  return certificates.join('\n');
}

function isAuthority(certificate: string): boolean {
  try {
    return new X509Certificate(certificate).ca;
  } catch {
    return false;
  }
}
