import { createHash, createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makePublicFile, makeSecretFile, writePublicFile, writeSecretFile } from '../secret-file.ts';
import type { IssuedCertificate } from './issue.ts';

/** A certificate and its key, `<name>.crt` and `<name>.key` of a folder. */
export type Pair = IssuedCertificate & { readonly x509: X509Certificate };

export type AuthorityOptions = { readonly name: string; readonly commonName: string; readonly now: Date };

/**
 * The authority of a folder, made where there is none that `lasts`. Of several processes that do so at the same moment, one makes the key
 * and one the certificate, and all have the same: nobody waits, and one that dies in between leaves what the next goes on with.
 * @throws Error naming the file when one is there and cannot be understood.
 */
export async function ownAuthority(
  folder: string,
  { name, commonName, now }: AuthorityOptions,
  lasts: (pair: Pair) => boolean,
): Promise<Pair> {
  const files = filesOf(folder, name);
  const [present, presentKey] = await Promise.all([readIfThere(files.certificate), readIfThere(files.key)]);
  const known = pairOf(files, present, presentKey);
  if (known && lasts(known)) return known;
  await mkdir(folder, { recursive: true });
  const { issueAuthority, newKey } = await import('./issue.ts');
  if (presentKey === undefined) await makeSecretFile(files.key, await newKey());
  const key = await readFile(files.key, 'utf8');
  // Judged again, and once: what is replaced must be what was found wanting, not what another process has made meanwhile.
  const replaced = await readIfThere(files.certificate);
  const meanwhile = pairOf(files, replaced, key);
  if (meanwhile && lasts(meanwhile)) return meanwhile;
  const { certificate } = await issueAuthority(commonName, now, key);
  if (replaced === undefined) await makePublicFile(files.certificate, certificate);
  else {
    // Each certificate has one successor, whoever finds that it needs one.
    const successor = join(folder, `${name}.after-${createHash('sha256').update(replaced).digest('hex').slice(0, 16)}.crt`);
    await makePublicFile(successor, certificate);
    await writePublicFile(files.certificate, await readFile(successor, 'utf8'));
  }
  const made = await readPair(folder, name);
  if (!made) throw new Error(`${files.certificate} does not belong to ${files.key}; remove both to have new ones made`);
  return made;
}

export async function readPair(folder: string, name: string): Promise<Pair | undefined> {
  const files = filesOf(folder, name);
  const [certificate, key] = await Promise.all([readIfThere(files.certificate), readIfThere(files.key)]);
  return pairOf(files, certificate, key);
}

type Files = { readonly certificate: string; readonly key: string };

const filesOf = (folder: string, name: string): Files => ({ certificate: join(folder, `${name}.crt`), key: join(folder, `${name}.key`) });

function pairOf(files: Files, certificate: string | undefined, key: string | undefined): Pair | undefined {
  if (certificate === undefined || key === undefined) return undefined;
  const x509 = understood(files.certificate, () => new X509Certificate(certificate));
  const privateKey = understood(files.key, () => createPrivateKey(key));
  // A crash between the two writes leaves a pair that does not match: it is made anew.
  return x509.checkPrivateKey(privateKey) ? { certificate, key, x509 } : undefined;
}

export async function writePair(folder: string, name: string, { certificate, key }: IssuedCertificate): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeSecretFile(join(folder, `${name}.key`), key);
  await writePublicFile(join(folder, `${name}.crt`), certificate);
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new Error(`${path} cannot be read`, { cause: error });
  }
}

function understood<Value>(path: string, read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    throw new Error(`${path} is damaged; remove it to have a new one made`, { cause: error });
  }
}
