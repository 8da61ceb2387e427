import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parse } from 'yaml';
import { adminTokenEntry } from './admin-token.ts';
import { kubeconfig } from './kubeconfig.ts';
import { writeSecretFile } from './secret-file.ts';
import { createTokenTable } from './token-table.ts';

let folder: string;
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'tributary-access-'))));
afterEach(() => rm(folder, { recursive: true }));

const modeOf = async (name: string) => (await stat(join(folder, name))).mode & 0o777;

test('the first start makes a token for its owner only; the next one reads it', async () => {
  const first = await adminTokenEntry(folder);
  expect(first).toMatchObject({ user: 'tributary-admin', groups: ['system:masters'] });
  expect(Buffer.from(first.token, 'base64url')).toHaveLength(32);
  expect(await modeOf('admin.token')).toBe(0o600);
  expect(await adminTokenEntry(folder)).toEqual(first);
  expect(createTokenTable([first]).find(first.token)).toMatchObject({
    user: 'tributary-admin',
    groups: ['system:masters', 'system:authenticated'],
  });
});

test('rights that were added to the file are taken away again', async () => {
  await adminTokenEntry(folder);
  await chmod(join(folder, 'admin.token'), 0o644);
  await adminTokenEntry(folder);
  expect(await modeOf('admin.token')).toBe(0o600);
});

test('a file without a token is named, not overwritten', async () => {
  await writeFile(join(folder, 'admin.token'), '');
  await expect(adminTokenEntry(folder)).rejects.toThrow(/admin\.token holds no token/);
  expect(await readFile(join(folder, 'admin.token'), 'utf8')).toBe('');
});

test('a secret file replaces the old one whole, and leaves no draft', async () => {
  const path = join(folder, 'admin.kubeconfig');
  await writeFile(path, 'old', { mode: 0o644 });
  await writeSecretFile(path, 'new');
  expect(await readFile(path, 'utf8')).toBe('new');
  expect(await modeOf('admin.kubeconfig')).toBe(0o600);
  expect(await readdir(folder)).toEqual(['admin.kubeconfig']);
});

test('a kubeconfig has one context with server, CA and token', () => {
  const config = parse(
    kubeconfig({ server: 'https://[::1]:6443/clusters/root', ca: 'PEM\n', token: 'true', user: 'tributary-admin' }),
  ) as unknown;
  expect(config).toMatchObject({
    kind: 'Config',
    'current-context': 'tributary',
    clusters: [{ cluster: { server: 'https://[::1]:6443/clusters/root', 'certificate-authority-data': 'UEVNCg==' } }],
    users: [{ name: 'tributary-admin', user: { token: 'true' } }],
    contexts: [{ name: 'tributary', context: { cluster: 'tributary', user: 'tributary-admin' } }],
  });
});
