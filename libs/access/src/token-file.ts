import { readFile } from 'node:fs/promises';
import { csvFields } from './csv-line.ts';
import { mastersGroup } from './identity.ts';
import type { TokenEntry } from './token-table.ts';

export type TokenFileOutcome =
  | { readonly type: 'read'; readonly entries: readonly TokenEntry[] }
  /** One sentence that names the file and the line, never a token. */
  | { readonly type: 'refused'; readonly problem: string };

/** Reads the file that TRIBUTARY_TOKEN_FILE names, as it is now. */
export async function readTokenFile(path: string): Promise<TokenFileOutcome> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    return {
      type: 'refused',
      problem: `the token file ${path} cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'unknown error'}`,
    };
  }
  return parseTokenFile(text, path);
}

/**
 * `token,user,uid,"group,group"`, one user per line; uid and groups may be left empty.
 * https://kubernetes.io/docs/reference/access-authn-authz/authentication/#static-token-file
 *
 * Of the groups that the server reserves, only `system:masters` may stand here: whoever can write this file administers the
 * installation anyway. Any other `system:` name is refused, for users as for groups: those names are the server's to give.
 */
export function parseTokenFile(text: string, path: string): TokenFileOutcome {
  const entries: TokenEntry[] = [];
  const lineOfToken = new Map<string, number>();
  for (const [index, line] of text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .entries()) {
    if (line === '') continue;
    const entry = parseLine(line);
    if (typeof entry === 'string') return refused(path, index + 1, entry);
    const earlier = lineOfToken.get(entry.token);
    if (earlier !== undefined) return refused(path, index + 1, `has the same token as line ${earlier}`);
    lineOfToken.set(entry.token, index + 1);
    entries.push(entry);
  }
  return { type: 'read', entries };
}

/** Answers what is wrong as text. */
function parseLine(line: string): TokenEntry | string {
  const fields = csvFields(line);
  if (fields === undefined) return 'is not CSV: quotes must surround a whole field and be doubled inside it';
  if (fields.length < 3) return `has ${fields.length} of at least 3 columns: token,user,uid,"group,group"`;
  if (fields.length > 4) return 'has more than 4 columns: several groups are one column, in quotes';
  const [token = '', user = '', uid = '', groupList = ''] = fields;
  if (!/^[!-~]+$/.test(token)) return 'has a token that is empty or holds spaces or other than printable ASCII';
  if (user === '' || user !== user.trim()) return 'has a user that is empty or begins or ends with a space';
  if (user.startsWith('system:')) return `has a user that begins with system:, which is reserved`;
  const groups = groupList === '' ? [] : groupList.split(',');
  if (groups.some((group) => group === '' || group !== group.trim())) return 'has a group that is empty or begins or ends with a space';
  const reserved = groups.find((group) => group.startsWith('system:') && group !== mastersGroup);
  if (reserved !== undefined) return `has the group ${reserved}, which is reserved; of those, only ${mastersGroup} may stand here`;
  return { token, user, uid, groups };
}

const refused = (path: string, line: number, problem: string): TokenFileOutcome => ({
  type: 'refused',
  problem: `the token file ${path}, line ${line}, ${problem}`,
});
