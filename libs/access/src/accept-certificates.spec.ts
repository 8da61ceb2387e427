import 'reflect-metadata';
import { randomBytes, webcrypto } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { Agent, createServer, request, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { ExtendedKeyUsage, ExtendedKeyUsageExtension, PemConverter, X509Certificate, X509CertificateGenerator } from '@peculiar/x509';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { acceptCertificates } from './accept-certificates.ts';
import { createAuthenticate } from './authenticate.ts';
import { serverCertificates, type ServerCertificates } from './certificates/certificates.ts';
import { clientAuthority } from './certificates/client-authority.ts';
import { certificateShown } from './certificates/client-certificates.ts';
import { issueAuthority, type IssuedCertificate } from './certificates/issue.ts';
import { createTokenTable } from './token-table.ts';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
let dataFolder: string;
let certificates: ServerCertificates;
let authority: IssuedCertificate;
let server: Server;
let lastSocket: TLSSocket;
let lastResumed: boolean;

beforeAll(async () => {
  dataFolder = await mkdtemp(join(tmpdir(), 'tributary-clients-'));
  certificates = await serverCertificates({ dataFolder, hosts: [] });
  const ca = await clientAuthority({ dataFolder });
  authority = { certificate: ca, key: await readFile(join(dataFolder, 'certificates/client-ca.key'), 'utf8') };
  const tokens = createTokenTable([{ token: 'right', user: 'jane', uid: '', groups: [] }]);
  const authenticate = acceptCertificates(createAuthenticate(tokens));
  const { certificate: cert, key } = certificates;
  server = createServer({ cert, key, ca, requestCert: true, rejectUnauthorized: false }, (asked, response) => {
    lastSocket = asked.socket as TLSSocket;
    lastResumed = lastSocket.isSessionReused();
    response.end(JSON.stringify(authenticate(asked.rawHeaders, asked.socket.remoteAddress, asked.socket)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  server.close();
  server.closeAllConnections();
  await rm(dataFolder, { recursive: true });
});

type Wanted = {
  readonly subject: string | object[];
  readonly by?: IssuedCertificate;
  readonly hours?: number;
  readonly usage?: ExtendedKeyUsage;
};

/** A certificate as an operator would make it with openssl. */
async function certificate({ subject, by = authority, hours = 1, usage = ExtendedKeyUsage.clientAuth }: Wanted): Promise<Client> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const made = await X509CertificateGenerator.create({
    subject: subject as string,
    issuer: new X509Certificate(by.certificate).subject,
    publicKey: keys.publicKey,
    signingKey: await webcrypto.subtle.importKey('pkcs8', PemConverter.decodeFirst(by.key), algorithm, false, ['sign']),
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
    serialNumber: `01${randomBytes(8).toString('hex')}`,
    notBefore: new Date(Date.now() - 7_200_000),
    notAfter: new Date(Date.now() + hours * 3_600_000),
    extensions: [new ExtendedKeyUsageExtension([usage])],
  });
  const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  return { cert: made.toString('pem'), key: PemConverter.encode(pkcs8, 'PRIVATE KEY') };
}

type Client = { readonly cert?: string; readonly key?: string };
type Sent = { readonly headers?: Record<string, string>; readonly agent?: Agent };

function answer(client: Client, { headers = {}, agent }: Sent = {}): Promise<Record<string, unknown>> {
  const { port } = server.address() as AddressInfo;
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, ca: certificates.ca, headers, agent: agent ?? false, ...client };
    const sent = request(options, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve(JSON.parse(text) as Record<string, unknown>));
    });
    sent.on('error', reject).end();
  });
}

const token = { headers: { authorization: 'Bearer right' } };
const unauthorized = { type: 'refused', reason: 'Unauthorized', message: 'Unauthorized' };
const anonymous = { type: 'identified', identity: { user: 'system:anonymous' } };

describe('a client’s certificate', () => {
  test('tells user and groups', async () => {
    const ann = await certificate({ subject: 'O=team,O=people,CN=ann' });
    expect(await answer(ann)).toEqual({
      type: 'identified',
      identity: {
        user: 'ann',
        uid: '',
        groups: ['team', 'people', 'system:authenticated'],
        extra: { 'authentication.kubernetes.io/credential-id': [expect.stringMatching(/^X509SHA256=[0-9a-f]{64}$/)] },
      },
      untilMs: new X509Certificate(ann.cert ?? '').notAfter.getTime(),
    });
    expect(await answer(await certificate({ subject: 'CN=root,O=system:masters' }))).toMatchObject({
      identity: { user: 'root', groups: ['system:masters', 'system:authenticated'] },
    });
  });

  test('goes before a token, and may ask to act as somebody else', async () => {
    const ann = await certificate({ subject: 'CN=ann' });
    expect(await answer(ann, token)).toMatchObject({ identity: { user: 'ann' } });
    expect(await answer(ann, { headers: { authorization: 'Bearer wrong' } })).toMatchObject({ identity: { user: 'ann' } });
    expect(await answer(ann, { headers: { 'impersonate-user': 'bob' } })).toMatchObject({
      identity: { user: 'ann' },
      wanted: { user: 'bob' },
    });
    expect(await answer(ann, { headers: { 'impersonate-group': 'team' } })).toMatchObject({ type: 'refused', reason: 'BadRequest' });
  });

  test('is not asked of anybody', async () => {
    expect(await answer({})).toMatchObject(anonymous);
    expect(await answer({}, token)).toMatchObject({ identity: { user: 'jane' } });
  });

  test.each<[string, (own: IssuedCertificate) => Wanted]>([
    ['that has ended', () => ({ subject: 'CN=ann', hours: -1 })],
    ['of another authority', (other) => ({ subject: 'CN=ann', by: other })],
    ['for servers', () => ({ subject: 'CN=ann', usage: ExtendedKeyUsage.serverAuth })],
    ['of nobody', () => ({ subject: 'O=team' })],
    ['of two', () => ({ subject: 'CN=ann,CN=bob' })],
    ['of one of the server’s own users', () => ({ subject: 'CN=system:anonymous' })],
    ['for one of the server’s own groups', () => ({ subject: 'CN=ann,O=system:authenticated' })],
  ])('%s is refused, unless there is a token', async (_, wanted) => {
    const client = await certificate(wanted(await issueAuthority('Other', new Date())));
    expect(await answer(client)).toEqual(unauthorized);
    expect(await answer(client, token)).toMatchObject({ identity: { user: 'jane' } });
  });

  test('of the server proves nothing', async () => {
    expect(await answer({ cert: certificates.certificate, key: certificates.key })).toEqual(unauthorized);
  });

  test('cannot hide a group in a name', async () => {
    const client = await certificate({ subject: [{ CN: ['ann\nO=system:masters'] }] });
    expect(await answer(client)).toMatchObject({ identity: { user: 'ann\nO=system:masters', groups: ['system:authenticated'] } });
  });

  test('ends although its connection goes on', async () => {
    const ann = await certificate({ subject: 'CN=ann', hours: 1 });
    expect(await answer(ann)).toMatchObject({ identity: { user: 'ann' } });
    expect(certificateShown(lastSocket, () => Date.now() + 3_599_000).type).toBe('valid');
    expect(certificateShown(lastSocket, () => Date.now() + 3_600_000).type).toBe('invalid');
  });

  test.each(['TLSv1.3', 'TLSv1.2'] as const)('stays with its session when that is taken up again: %s', async (maxVersion) => {
    for (const [client, expected] of [
      [await certificate({ subject: 'CN=ann' }), { identity: { user: 'ann' } }],
      [{}, anonymous],
      [await certificate({ subject: 'CN=ann', hours: -1 }), unauthorized],
    ] as const) {
      const agent = new Agent({ maxVersion, maxCachedSessions: 10 });
      const resumed: boolean[] = [];
      for (let count = 0; count < 3; count += 1) {
        expect(await answer(client, { agent, headers: { connection: 'close' } })).toMatchObject(expected);
        resumed.push(lastResumed);
      }
      expect(resumed).toEqual([false, true, true]);
    }
  });
});

describe('the authority for clients', () => {
  test('is made once, is not the server’s, and keeps its key to its owner', async () => {
    expect(await clientAuthority({ dataFolder })).toBe(authority.certificate);
    expect(authority.certificate).not.toBe(certificates.ca);
    expect((await stat(join(dataFolder, 'certificates/client-ca.key'))).mode & 0o777).toBe(0o600);
  });

  test('may be one’s own, of which there may be several', async () => {
    const file = join(dataFolder, 'own.pem');
    const [one, two] = [await issueAuthority('One', new Date()), await issueAuthority('Two', new Date())];
    await writeFile(file, `some words\n${one.certificate}\n${two.certificate}`);
    expect((await clientAuthority({ dataFolder, file })).match(/BEGIN/g)).toHaveLength(2);
    await writeFile(file, `${one.certificate}\n${certificates.certificate}`);
    await expect(clientAuthority({ dataFolder, file })).rejects.toThrow('certificate 2 is not that of an authority');
    await writeFile(file, 'nothing');
    await expect(clientAuthority({ dataFolder, file })).rejects.toThrow('holds no certificate');
    await expect(clientAuthority({ dataFolder, file: `${file}x` })).rejects.toThrow('cannot be read: ENOENT');
  });
});
