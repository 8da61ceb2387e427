import { mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { followTokens, type FollowedTokens } from './followed-tokens.ts';
import { parseTokenFile } from './token-file.ts';

let folder: string;
let path: string;
let tokens: FollowedTokens;
let read: number[];
let problems: string[];

const first = 'token-of-ann,ann,,team\ntoken-of-bob,bob,,team\n';
const admin = { token: 'token-of-admin', user: 'admin', uid: 'a', groups: [] };
const untilTrue = (condition: () => boolean) => vi.waitUntil(condition, { timeout: 20_000, interval: 10 });
const userOf = (token: string): string | undefined => tokens.find(`token-of-${token}`)?.user;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tokens-'));
  path = join(folder, 'users.csv');
  [read, problems] = [[], []];
  await writeFile(path, first);
  follow();
});
afterEach(async () => {
  tokens.stop();
  await rm(folder, { recursive: true });
});

function follow(): void {
  const parsed = parseTokenFile(first, path);
  if (parsed.type !== 'read') throw new Error(parsed.problem);
  const onRead = (users: number) => void read.push(users);
  tokens = followTokens({ path, entries: parsed.entries, always: [admin], onRead, onRefused: (problem) => void problems.push(problem) });
}

test('who is new may come in, who is gone may not, and who stays notices nothing', async () => {
  const [ann, bob] = [tokens.find('token-of-ann'), tokens.find('token-of-bob')];
  if (!ann || !bob) throw new Error('nobody is known');
  const [annHas, bobHas] = [tokens.credentialOf(ann), tokens.credentialOf(bob)];
  const heard = vi.fn<() => void>();
  const unheard = vi.fn<() => void>();
  bobHas?.onChange(heard);
  bobHas?.onChange(unheard)();
  await writeFile(path, 'token-of-ann,ann,,team\ntoken-of-cyd,cyd,,"team,other"\n');
  await untilTrue(() => userOf('cyd') === 'cyd');
  expect([userOf('ann'), userOf('bob'), userOf('admin')]).toEqual(['ann', undefined, 'admin']);
  expect([annHas?.holds(), bobHas?.holds()]).toEqual([true, false]);
  expect(tokens.find('token-of-cyd')?.groups).toEqual(['team', 'other', 'system:authenticated']);
  expect([heard.mock.calls.length, unheard.mock.calls.length, read]).toEqual([1, 0, [2]]);
});

test('other groups are another identity', async () => {
  const ann = tokens.find('token-of-ann');
  const credential = ann && tokens.credentialOf(ann);
  await writeFile(path, first.replace('ann,,team', 'ann,,less'));
  await untilTrue(() => tokens.find('token-of-ann')?.groups.includes('less') === true);
  expect(credential?.holds()).toBe(false);
});

test('a broken file, or none, is said once, without its tokens, and what was known goes on', async () => {
  await writeFile(path, 'token-of-cyd,cyd,\ntoken-of-bob\n');
  await untilTrue(() => problems.length > 0);
  expect(problems).toEqual([`the token file ${path}, line 2, has 1 of at least 3 columns: token,user,uid,"group,group"`]);
  await rm(path);
  await untilTrue(() => problems.length > 1);
  expect(problems[1]).toBe(`the token file ${path} cannot be read: ENOENT`);
  expect([userOf('ann'), userOf('bob'), userOf('cyd')]).toEqual(['ann', 'bob', undefined]);
  await writeFile(path, 'token-of-cyd,cyd,\n');
  await untilTrue(() => userOf('cyd') === 'cyd');
  expect(userOf('ann')).toBeUndefined();
  expect([problems.length, read]).toEqual([2, [1]]);
});

test('a file that is exchanged by a link to its folder, as mounted ones are, is read again', async () => {
  tokens.stop();
  for (const name of ['one', 'two']) await symlink(join(folder, `${name}.csv`), join(folder, name));
  await writeFile(join(folder, 'one.csv'), first);
  await writeFile(join(folder, 'two.csv'), 'token-of-cyd,cyd,\n');
  path = join(folder, 'one');
  follow();
  await rename(join(folder, 'two'), path);
  await untilTrue(() => userOf('cyd') === 'cyd');
});
