import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';

/** A file that breaks one rule. */
export type Push = { readonly rule: string; readonly file: string; readonly text: string };
export type ArrowTable = {
  readonly arrows: Readonly<Record<string, readonly string[]>>;
  readonly everywhere: readonly string[];
  readonly homes: Readonly<Record<string, string>>;
};

const subpaths: Readonly<Record<string, string>> = { '@nestjs': '@nestjs/common', '@opentelemetry': '@opentelemetry/api' };

/** One push per arrow and per rule, for the tree in `folder`; a lib that is not there yet gets an empty front door. */
export async function arrowPushes(folder: string): Promise<readonly Push[]> {
  const table = createRequire(import.meta.url)(join(folder, 'arrows.cjs')) as ArrowTable;
  await openFrontDoors(folder, Object.keys(table.arrows));
  return [
    ...Object.keys(table.arrows).flatMap((lib) => arrowPush(table, lib)),
    ...Object.entries(table.homes).flatMap(([vendor, home]) => homePush(vendor, home)),
    ...housePushes,
  ];
}

export function rulesOf(config: unknown): readonly string[] {
  return (config as { forbidden: { name: string }[] }).forbidden.map(({ name }) => name);
}

/** Each way to import is a hole of its own: by name, by type only, and at run time. */
function arrowPush({ arrows, everywhere }: ArrowTable, lib: string): readonly Push[] {
  const rule = `arrow-${lib}`;
  const target =
    Object.keys(arrows).find((other) => other !== lib && !arrows[lib]!.includes(other) && !everywhere.includes(other)) ?? 'unheard';
  const texts = [
    `export * as pushed from '#${target}';`,
    `export type pushed = typeof import('#${target}');`,
    `export const pushed = import('#${target}');`,
    `export * as pushed from '../../${target}/src/index.ts';`,
  ];
  return texts.map((text, index) => ({ rule, file: `libs/${lib}/src/pushed-${index}.ts`, text: `${text}\n` }));
}

function homePush(vendor: string, home: string): readonly Push[] {
  const lib = ['account', 'kube'].find((candidate) => !new RegExp(home).test(`libs/${candidate}/`));
  return [
    {
      rule: `one-home-${vendor}`,
      file: `libs/${lib}/src/pushed-${vendor.replace(/\W/g, '-')}.ts`,
      text: `export * as pushed from '${subpaths[vendor] ?? vendor}';\n`,
    },
  ];
}

const housePushes: readonly Push[] = [
  { rule: 'no-cycles', file: 'libs/kube/src/pushed-back.ts', text: "export * as pushed from './pushed-there.ts';\n" },
  { rule: 'not-found', file: 'libs/kube/src/pushed-nowhere.ts', text: "export * as pushed from '#nowhere';\n" },
  { rule: 'no-way-up', file: 'libs/roles/src/pushed-up.ts', text: "export * as pushed from '../../../apps/api/src/pushed.ts';\n" },
  {
    rule: 'front-door-only',
    file: 'libs/workspace/src/pushed-deep.ts',
    text: "export * as pushed from '../../kube/src/pushed-inner.ts';\n",
  },
  {
    rule: 'front-door-only',
    file: 'apps/api/src/pushed-deep.ts',
    text: "export * as pushed from '../../../libs/kube/src/pushed-inner.ts';\n",
  },
  { rule: 'front-door-only', file: 'test/pushed-deep.ts', text: "export * as pushed from '../libs/kube/src/pushed-inner.ts';\n" },
  { rule: 'testing-in-specs-only', file: 'libs/workspace/src/pushed-testing.ts', text: "export * as pushed from '#testing/stream';\n" },
  { rule: 'no-own-front-door', file: 'libs/kube/src/pushed-own.ts', text: "export * as pushed from '#kube';\n" },
  { rule: 'apps-stand-alone', file: 'apps/bridge/src/pushed.ts', text: "export * as pushed from '../../api/src/pushed.ts';\n" },
  { rule: 'unlisted-lib', file: 'libs/kube/src/pushed-unlisted.ts', text: "export * as pushed from '#unheard';\n" },
  { rule: 'unlisted-lib-inside', file: 'libs/unheard/src/index.ts', text: "export * as pushed from '#kube';\n" },
];

/** What the pushes above import, and what closes the cycle. */
export const ground: readonly Omit<Push, 'rule'>[] = [
  { file: 'libs/kube/src/pushed-there.ts', text: "export * as pushed from './pushed-back.ts';\n" },
  { file: 'libs/kube/src/pushed-inner.ts', text: 'export const pushed = 1;\n' },
  { file: 'apps/api/src/pushed.ts', text: 'export const pushed = 1;\n' },
];

async function openFrontDoors(folder: string, libs: readonly string[]): Promise<void> {
  const doors = [...libs.map((lib) => join(folder, 'libs', lib, 'src')), join(folder, 'libs/stream/src/testing')];
  for (const door of doors) {
    if (existsSync(join(door, 'index.ts'))) continue;
    await mkdir(door, { recursive: true });
    await writeFile(join(door, 'index.ts'), 'export {};\n');
  }
}
