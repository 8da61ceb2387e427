import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { adminUser, mastersGroup } from './identity.ts';
import { makeSecretFile } from './secret-file.ts';
import type { TokenEntry } from './token-table.ts';

/**
 * The administrator of this data folder. The token is made at the first start (256 random bits) and kept in `admin.token`,
 * which only the owner may read. Removing the file makes a new one at the next start.
 * @throws Error naming the file when it is there and holds no token.
 */
export async function adminTokenEntry(dataFolder: string): Promise<TokenEntry> {
  const path = join(dataFolder, 'admin.token');
  const token = (await readToken(path)) ?? (await makeToken(dataFolder, path));
  return { token, user: adminUser, uid: adminUser, groups: [mastersGroup] };
}

async function readToken(path: string): Promise<string | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new Error(`the administrator's token in ${path} cannot be read`, { cause: error });
  }
  const token = text.trim();
  if (!/^[!-~]{32,}$/.test(token)) throw new Error(`${path} holds no token of at least 32 characters; remove it to have a new one made`);
  await chmod(path, 0o600);
  return token;
}

async function makeToken(dataFolder: string, path: string): Promise<string> {
  await mkdir(dataFolder, { recursive: true });
  await makeSecretFile(path, `${randomBytes(32).toString('base64url')}\n`);
  // Another process may have been first.
  const token = await readToken(path);
  if (token === undefined) throw new Error(`${path} was removed while it was being made`);
  return token;
}
