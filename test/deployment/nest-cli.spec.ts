import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { expect, test } from 'vitest';

type Project = { readonly type: string; readonly root: string; readonly sourceRoot: string; readonly entryFile: string };

const root = join(import.meta.dirname, '../..');
const { projects } = JSON.parse(readFileSync(join(root, 'nest-cli.json'), 'utf8')) as { projects: Record<string, Project> };
const { arrows } = createRequire(import.meta.url)(join(root, 'arrows.cjs')) as { arrows: Record<string, unknown> };
const rootsOf = (type: string) =>
  Object.values(projects)
    .filter((project) => project.type === type)
    .map((project) => project.root)
    .sort();

test('nest-cli.json lists the apps that are there and the libs that have arrows', () => {
  expect(rootsOf('application')).toEqual(
    readdirSync(join(root, 'apps'))
      .map((app) => `apps/${app}`)
      .sort(),
  );
  expect(rootsOf('library')).toEqual(
    Object.keys(arrows)
      .map((lib) => `libs/${lib}`)
      .sort(),
  );
});

test.each(Object.entries(projects))('%s begins where nest-cli.json says', (_, { sourceRoot, entryFile }) => {
  expect(existsSync(join(root, sourceRoot, `${entryFile}.ts`))).toBe(true);
});
