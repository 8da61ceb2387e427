import { execFile } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, get } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkServerIdentity, type PeerCertificate } from 'node:tls';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { adminTokenEntry } from '../admin-token.ts';
import { clientAuthority } from './client-authority.ts';
import { hostNames, type ServerCertificates, serverCertificates } from './certificates.ts';

let dataFolder: string;
beforeEach(async () => void (dataFolder = await mkdtemp(join(tmpdir(), 'tributary-certificates-'))));
afterEach(() => rm(dataFolder, { recursive: true }));

const inDays = (days: number) => new Date(Date.now() + days * 24 * 3600 * 1000);
const made = (options: { hosts?: string[]; now?: Date } = {}) => serverCertificates({ dataFolder, hosts: [], ...options });
const path = (name: string) => join(dataFolder, 'certificates', name);

describe('the first start', () => {
  test('makes what a client that trusts the CA accepts, by name and by both loopback addresses', async () => {
    const certificates = await made();
    const server = createServer({ cert: certificates.certificate, key: certificates.key }, (_, response) => response.end('ok'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    for (const servername of ['localhost', '127.0.0.1', '::1']) expect(await fetched(port, servername, certificates.ca)).toBe('ok');
    await expect(fetched(port, 'elsewhere.example', certificates.ca)).rejects.toThrow(/does not match/);
    server.close();
  });

  test('keeps keys to their owner', async () => {
    await made();
    expect((await stat(path('ca.key'))).mode & 0o777).toBe(0o600);
    expect((await stat(path('server.key'))).mode & 0o777).toBe(0o600);
  });

  test('signs a server certificate that is no authority itself', async () => {
    const { ca, certificate } = await made();
    expect(new X509Certificate(ca).ca).toBe(true);
    expect(new X509Certificate(certificate).ca).toBe(false);
    expect(new X509Certificate(certificate).verify(new X509Certificate(ca).publicKey)).toBe(true);
    expect(new X509Certificate(certificate).publicKey.asymmetricKeyDetails?.namedCurve).toBe('prime256v1');
  });
});

test('a start while the clock is set back keeps the CA that clients trust', async () => {
  const { ca } = await made();
  const behind = await made({ now: inDays(-30) });
  expect(behind.ca).toBe(ca);
  expect((await made()).ca).toBe(ca);
});

describe('several processes in one folder', () => {
  const together = <Result>(make: () => Promise<Result>) => Promise.all(Array.from({ length: 8 }, make));
  const areOne = (all: readonly ServerCertificates[]): void => {
    expect(new Set(all.map(({ ca }) => ca)).size).toBe(1);
    expect(all.every(belongsTogether)).toBe(true);
  };

  test('have one CA, one authority for clients and one administrator when all make them at the same moment', async () => {
    const all = await together(made);
    areOne(all);
    expect((await made()).ca).toBe(all[0]?.ca);
    expect(new Set(await together(() => clientAuthority({ dataFolder }))).size).toBe(1);
    expect(new Set((await together(() => adminTokenEntry(dataFolder))).map(({ token }) => token)).size).toBe(1);
  });

  test('have one CA when all renew it at the same moment, again and again', async () => {
    const first = await made();
    const later = await together(() => made({ now: inDays(3500) }));
    areOne(later);
    const latest = await together(() => made({ now: inDays(7000) }));
    areOne(latest);
    expect(new Set([first, later[0], latest[0]].map((certificates) => certificates?.ca)).size).toBe(3);
  });

  test('have one CA where the first died between its key and its certificate', async () => {
    await made();
    await rm(path('ca.crt'));
    const key = await readFile(path('ca.key'), 'utf8');
    areOne(await together(made));
    expect(await readFile(path('ca.key'), 'utf8')).toBe(key);
  });

  test('have one CA when they are processes indeed', async () => {
    const script = `const { serverCertificates } = await import(${JSON.stringify(new URL('certificates.ts', import.meta.url).href)});
      process.stdout.write(JSON.stringify(await serverCertificates({ dataFolder: ${JSON.stringify(dataFolder)}, hosts: [] })));`;
    const run = async () => (await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script])).stdout;
    areOne((await Promise.all([run(), run()])).map((text) => JSON.parse(text) as ServerCertificates));
  });
});

describe('a later start', () => {
  test('only reads', async () => {
    const first = await made();
    const before = await stat(path('server.crt'));
    expect(await made({ now: inDays(300) })).toEqual(first);
    expect((await stat(path('server.crt'))).mtimeMs).toBe(before.mtimeMs);
  });

  test('renews the server certificate, not the CA, when it nears its end', async () => {
    const first = await made();
    const later = await made({ now: inDays(370) });
    expect(later.ca).toBe(first.ca);
    expect(later.certificate).not.toBe(first.certificate);
    expect(await made({ now: inDays(370) })).toEqual(later);
  });

  test('renews both when the CA nears its end', async () => {
    const first = await made();
    const later = await made({ now: inDays(3500) });
    expect(later.ca).not.toBe(first.ca);
    expect(belongsTogether(later)).toBe(true);
  });

  test('adds a host that the certificate lacks', async () => {
    const first = await made();
    const later = await made({ hosts: ['mesh.example', '192.0.2.7', '0.0.0.0'] });
    expect(later.ca).toBe(first.ca);
    expect(new X509Certificate(later.certificate).checkHost('mesh.example')).toBe('mesh.example');
    expect(new X509Certificate(later.certificate).checkIP('192.0.2.7')).toBe('192.0.2.7');
    expect(new X509Certificate(later.certificate).checkIP('0.0.0.0')).toBeUndefined();
  });

  test('replaces a certificate whose key was lost or does not fit, or whose CA is another', async () => {
    const first = await made();
    await writeFile(path('server.key'), await readFile(path('ca.key')));
    const second = await made();
    expect(second.certificate).not.toBe(first.certificate);
    await rm(path('ca.key'));
    const third = await made();
    expect(third.ca).not.toBe(first.ca);
    expect(belongsTogether(third)).toBe(true);
  });

  test('names a damaged file', async () => {
    await made();
    await writeFile(path('server.crt'), 'garbage');
    await expect(made()).rejects.toThrow(/server\.crt is damaged/);
  });
});

test('unspecified addresses are not names', () => {
  expect(hostNames(['0.0.0.0', '::', '', 'localhost', 'mesh.example'])).toEqual(['localhost', '127.0.0.1', '::1', 'mesh.example']);
});

function belongsTogether({ ca, certificate }: ServerCertificates): boolean {
  return (
    new X509Certificate(certificate).verify(new X509Certificate(ca).publicKey) &&
    new X509Certificate(certificate).checkIssued(new X509Certificate(ca))
  );
}

function fetched(port: number, expectedName: string, ca: string): Promise<string> {
  return new Promise((resolve, reject) => {
    // A server name may not be an address (RFC 6066), so the check of the name is done as node does it for a host.
    const options = {
      host: '127.0.0.1',
      port,
      ca,
      agent: false,
      servername: '',
      checkServerIdentity: (_: string, certificate: PeerCertificate) => checkServerIdentity(expectedName, certificate),
    };
    get(options, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve(text));
    }).on('error', reject);
  });
}
