// Plants violations in a copy of the tree and expects the fence and the lint to name the rule that each one breaks.
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { arrowPushes, ground, type Push, rulesOf } from './fence/arrow-pushes.ts';
import { lintPushes } from './fence/lint-pushes.ts';

const root = join(import.meta.dirname, '..');
const bin = join(root, 'node_modules/.bin');
const parts = ['apps', 'libs', 'migrations', 'scripts', 'test'];
const configs = ['package.json', 'tsconfig.json', 'arrows.cjs', '.dependency-cruiser.cjs', 'eslint.config.js'];

type Violation = { readonly rule: string; readonly file: string };

const copy = await mkdtemp(join(tmpdir(), 'tributary-fence-'));
try {
  await copyTree();
  const arrows = await arrowPushes(copy);
  const lints = lintPushes();
  await Promise.all([...arrows, ...lints, ...ground].map(plant));
  const [crossed, linted] = await Promise.all([cruised(), lintedFiles([...new Set(lints.map((push) => push.file))])]);
  const broken = [...report(arrows, crossed), ...report(lints, linted)];
  const unpushed = rulesOf(createRequire(import.meta.url)(join(copy, '.dependency-cruiser.cjs'))).filter(
    (rule) => !arrows.some((push) => push.rule === rule),
  );
  for (const rule of unpushed) console.log('UNTRIED', rule);
  console.log(`${arrows.length + lints.length - broken.length} held, ${broken.length} broken, ${unpushed.length} untried`);
  process.exitCode = broken.length + unpushed.length > 0 ? 1 : 0;
} finally {
  await rm(copy, { recursive: true, force: true });
}

async function copyTree(): Promise<void> {
  const present = [...parts, ...configs].filter((name) => existsSync(join(root, name)));
  await Promise.all(
    present.map((name) => cp(join(root, name), join(copy, name), { recursive: true, filter: (path) => !path.includes('/node_modules') })),
  );
  await symlink(join(root, 'node_modules'), join(copy, 'node_modules'));
}

async function plant({ file, text }: Omit<Push, 'rule'>): Promise<void> {
  await mkdir(dirname(join(copy, file)), { recursive: true });
  await writeFile(join(copy, file), text);
}

function report(pushes: readonly Push[], violations: readonly Violation[]): readonly Push[] {
  const broken: Push[] = [];
  for (const push of pushes) {
    const held = violations.some(({ rule, file }) => rule === push.rule && file === push.file);
    console.log(held ? 'held   ' : 'BROKEN ', push.rule, held ? '' : `${push.file}: ${push.text}`);
    if (!held) broken.push(push);
  }
  return broken;
}

async function cruised(): Promise<readonly Violation[]> {
  const folders = parts.filter((name) => existsSync(join(copy, name)));
  const text = await output('depcruise', ['--config', '.dependency-cruiser.cjs', '--output-type', 'json', ...folders]);
  const { summary } = JSON.parse(text) as { summary: { violations: { from: string; rule: { name: string } }[] } };
  return summary.violations.map(({ from, rule }) => ({ rule: rule.name, file: from }));
}

async function lintedFiles(files: readonly string[]): Promise<readonly Violation[]> {
  const results = JSON.parse(await output('eslint', ['--format', 'json', ...files])) as {
    filePath: string;
    messages: { ruleId: string | null }[];
  }[];
  return results.flatMap(({ filePath, messages }) =>
    messages.map(({ ruleId }) => ({ rule: ruleId ?? 'parse', file: filePath.slice(filePath.indexOf(copy) + copy.length + 1) })),
  );
}

/** Both tools exit with an error when they find something, which is what is wanted here. */
function output(tool: string, flags: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(
      join(bin, tool),
      flags,
      { cwd: copy, maxBuffer: 1 << 28, env: { ...process.env, PATH: `${bin}${delimiter}${process.env['PATH']}` } },
      (error, stdout, stderr) => {
        if (stdout.startsWith('{') || stdout.startsWith('[')) resolve(stdout);
        else reject(new Error(`${tool} answered no JSON: ${stderr}`, { cause: error }));
      },
    );
  });
}
