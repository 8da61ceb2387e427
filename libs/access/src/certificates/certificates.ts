import { isIP } from 'node:net';
import { join } from 'node:path';
import type { IssuedCertificate } from './issue.ts';
import { ownAuthority, readPair, writePair, type Pair } from './pairs.ts';

/** PEM texts: what `https.createServer` takes as `cert` and `key`, and the CA that clients trust. */
export type ServerCertificates = { readonly ca: string; readonly certificate: string; readonly key: string };

export type CertificatesOptions = {
  /** Files are kept in its subfolder `certificates`. */
  readonly dataFolder: string;
  /** Names and addresses beside localhost, 127.0.0.1 and ::1 that the server answers under. Unspecified addresses are left out. */
  readonly hosts: readonly string[];
  readonly now?: Date;
};

const dayMilliseconds = 24 * 3600 * 1000;
const caRenewalDays = 365;
const serverRenewalDays = 30;

/**
 * The installation's own CA and the server's certificate (ECDSA P-256), made at the first start. Later starts only read, except
 * when the certificate nears its end (30 days), lacks a host, or does not belong to the CA. Keys are readable by their owner only.
 * @throws Error naming the file when one is there and cannot be understood.
 */
export async function serverCertificates({ dataFolder, hosts, now = new Date() }: CertificatesOptions): Promise<ServerCertificates> {
  const folder = join(dataFolder, 'certificates');
  const names = hostNames(hosts);
  const authority = { name: 'ca', commonName: 'Tributary CA', now };
  const ca = await ownAuthority(folder, authority, (known) => lasts(known, now, caRenewalDays));
  const server = await readPair(folder, 'server');
  const fits =
    server &&
    lasts(server, now, serverRenewalDays) &&
    names.every((name) => covers(server, name)) &&
    server.x509.verify(ca.x509.publicKey) &&
    server.x509.issuer === ca.x509.subject;
  return {
    ca: ca.certificate,
    ...(fits ? { certificate: server.certificate, key: server.key } : await issueServer(folder, ca, names, now)),
  };
}

async function issueServer(folder: string, ca: IssuedCertificate, names: readonly string[], now: Date): Promise<IssuedCertificate> {
  const { issueServerCertificate } = await import('./issue.ts');
  const { certificate, key } = await issueServerCertificate(ca, names, now);
  await writePair(folder, 'server', { certificate, key });
  return { certificate, key };
}

export function hostNames(hosts: readonly string[]): readonly string[] {
  const named = hosts.filter((host) => host !== '' && host !== '0.0.0.0' && !/^[0:]+$/.test(host));
  return [...new Set(['localhost', '127.0.0.1', '::1', ...named])];
}

function lasts({ x509 }: Pair, now: Date, days: number): boolean {
  return x509.validFromDate <= now && x509.validToDate.getTime() - now.getTime() > days * dayMilliseconds;
}

function covers({ x509 }: Pair, name: string): boolean {
  return (isIP(name) ? x509.checkIP(name) : x509.checkHost(name, { subject: 'never' })) !== undefined;
}
