import { describe, expect, test } from 'vitest';
import { csvFields } from './csv-line.ts';
import { parseTokenFile, readTokenFile } from './token-file.ts';

const problemOf = (text: string): string => {
  const outcome = parseTokenFile(text, 'users.csv');
  if (outcome.type !== 'refused') throw new Error('was read');
  return outcome.problem;
};

test('token, user, uid and groups, quoted or not, with empty lines, CRLF and a byte order mark', () => {
  expect(parseTokenFile('\uFEFFt1,jane,1,"a,b"\r\n\r\nt2,joe,,\nt3,"o""neil, pat",3,c\nt4,root,4,system:masters', 'users.csv')).toEqual({
    type: 'read',
    entries: [
      { token: 't1', user: 'jane', uid: '1', groups: ['a', 'b'] },
      { token: 't2', user: 'joe', uid: '', groups: [] },
      { token: 't3', user: 'o"neil, pat', uid: '3', groups: ['c'] },
      { token: 't4', user: 'root', uid: '4', groups: ['system:masters'] },
    ],
  });
});

describe('a mistake is named by its line, and no token is shown', () => {
  test.each([
    ['too few columns', 's3cret,jane', /line 1, has 2 of at least 3/],
    ['groups without quotes', 'x,a,1\ns3cret,jane,1,a,b', /line 2, has more than 4 columns/],
    ['an open quote', 's3cret,jane,1,"a', /line 1, is not CSV/],
    ['a quote inside a bare field', 's3cret,ja"ne,1', /line 1, is not CSV/],
    ['something behind a quote', '"s3cret"x,jane,1', /line 1, is not CSV/],
    ['an empty token', ',jane,1', /line 1, has a token/],
    ['a token with a space', 's3cret x,jane,1', /line 1, has a token/],
    ['an empty user', 's3cret,,1', /line 1, has a user/],
    ['a reserved user', 's3cret,system:kube-scheduler,1', /reserved/],
    ['a group with a space', 's3cret,jane,1,"a, b"', /line 1, has a group/],
    ['a reserved group', 's3cret,jane,1,"a,system:authenticated"', /group system:authenticated, which is reserved/],
    ['the same token twice', 's3cret,jane,1\n\ns3cret,joe,2', /line 3, has the same token as line 1/],
  ])('%s', (_, text, problem) => {
    expect(problemOf(text)).toMatch(problem);
    expect(problemOf(text)).toContain('users.csv');
    expect(problemOf(text)).not.toContain('s3cret');
  });

  test('a missing file', async () => {
    expect(await readTokenFile('/nowhere/users.csv')).toEqual({
      type: 'refused',
      problem: 'the token file /nowhere/users.csv cannot be read: ENOENT',
    });
  });
});

test.each([
  ['', ['']],
  ['a,', ['a', '']],
  ['"a,b",c', ['a,b', 'c']],
  ['""', ['']],
  ['""""', ['"']],
])('the line %j has the fields %j', (line, fields) => expect(csvFields(line)).toEqual(fields));
