import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { execFileSync } from 'node:child_process';
import { dirname, join, normalize } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
const documents = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'], { cwd: root, encoding: 'utf8' })
  .split('\n')
  .filter((path) => path !== '' && existsSync(join(root, path)));

test('there are documents', () => expect(documents).toContain('ARCHITECTURE.md'));

test.each(documents)('every relative link of %s leads to a file', async (document) => {
  const dead = linksOf(await readFile(join(root, document), 'utf8')).filter((link) => !leadsSomewhere(document, link));
  expect(dead).toEqual([]);
});

test('a dead link, a link out of the tree and a link to a line are noticed', () => {
  expect(
    linksOf('[a](nowhere.md) ![b](<x y.png>)\n```sh\n[not](one.md)\n```\n`[nor](two.md)`\n[c]: ref.md\n[d](https://example.com)'),
  ).toEqual(['nowhere.md', 'x y.png', 'ref.md']);
  expect(
    ['nowhere.md', '../elsewhere.md', 'ARCHITECTURE.md#L10', 'ARCHITECTURE.md#the-house', 'docs'].map((link) =>
      leadsSomewhere('README.md', link),
    ),
  ).toEqual([false, false, false, true, true]);
});

/** Inline, image and reference links that name no other host; code is not read. */
function linksOf(markdown: string): readonly string[] {
  const text = markdown.replace(/^(```|~~~)[\s\S]*?^\1/gm, '').replace(/`[^`\n]*`/g, '');
  const inline = [...text.matchAll(/\]\(\s*(?:<([^>]+)>|([^)\s]+))[^)]*\)/g)].map((match) => match[1] ?? match[2]!);
  const references = [...text.matchAll(/^\[[^\]]+\]:\s*(\S+)/gm)].map((match) => match[1]!);
  return [...inline, ...references].filter((link) => !/^([a-z][a-z0-9+.-]*:|#)/i.test(link));
}

/** Links name files, never lines: lines move. */
function leadsSomewhere(document: string, link: string): boolean {
  const [path = '', fragment] = link.split('#');
  const target = normalize(join(dirname(document), decodeURIComponent(path)));
  return !target.startsWith('..') && !/^L\d+/.test(fragment ?? '') && existsSync(join(root, target));
}
