import type { Push } from './arrow-pushes.ts';

/** One push per rule of style that the lint holds as an error. */
export function lintPushes(): readonly Push[] {
  return [...texts.map(([rule, text], index) => ({ rule, file: `libs/kube/src/pushed-lint-${index}.ts`, text: `${text}\n` })), ...named];
}

const lines = (count: number, line: string) => Array.from({ length: count }, (_, index) => line.replaceAll('#', String(index))).join('\n');

const texts: readonly (readonly [rule: string, text: string])[] = [
  ['@typescript-eslint/no-explicit-any', 'export const pushed: any = 1;'],
  ['@typescript-eslint/no-floating-promises', 'export function pushed(work: () => Promise<void>) { work(); }'],
  ['@typescript-eslint/no-misused-promises', 'export function pushed(work: () => Promise<boolean>) { return work() ? 1 : 2; }'],
  [
    '@typescript-eslint/switch-exhaustiveness-check',
    "export function pushed(type: 'a' | 'b') { switch (type) { case 'a': return 1; } return 2; }",
  ],
  [
    '@typescript-eslint/switch-exhaustiveness-check',
    "export function pushed(type: 'a' | 'b') { switch (type) { case 'a': return 1; case 'b': return 2; default: return 3; } }",
  ],
  ['@typescript-eslint/consistent-type-imports', "import { Stats } from 'node:fs';\nexport type Pushed = Stats;"],
  ['no-restricted-syntax', 'export default 1;'],
  ['no-restricted-syntax', "export * from 'node:path';"],
  ['no-console', "console.log('pushed');"],
  ['max-params', 'export const pushed = (a: number, b: number, c: number, d: number, e: number) => a + b + c + d + e;'],
  ['max-lines', lines(301, 'export const pushed# = #;')],
  ['max-lines-per-function', `export function pushed() {\n${lines(81, "  void '#';")}\n}`],
  ['names/banned', 'export class AccountManager {}'],
  ['names/banned', 'export function handle() {}'],
];

const named: readonly Push[] = [
  'libs/kube/src/string-utils.ts',
  'libs/kube/src/common/pushed.ts',
  'libs/kube/src/data.ts',
  'libs/kube/src/test-helpers.spec.ts',
].map((file) => ({
  rule: 'names/banned',
  file,
  text: 'export const pushed = 1;\n',
}));
