// Runs all checks side by side and prints each one's result and time; the output of a failed one follows. Arguments name the
// parts to run (`node scripts/check.ts types lint`); without, all run.
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { delimiter, join } from 'node:path';

type Part = { readonly name: string; readonly command: readonly string[] };
type Result = Part & { readonly passed: boolean; readonly seconds: number; readonly output: string };

const folders = ['apps', 'libs', 'migrations', 'scripts', 'test'];
// Longest first: the short ones fill what remains.
const parts: readonly Part[] = [
  { name: 'lint', command: ['eslint', '.'] },
  { name: 'specs', command: ['vitest', 'run', '--project', 'unit', '--reporter=dot'] },
  { name: 'types', command: ['tsc', '--noEmit'] },
  { name: 'format', command: ['prettier', '--check', '--log-level', 'warn', '.'] },
  { name: 'unused', command: ['knip'] },
  { name: 'arrows', command: ['depcruise', '--config', '.dependency-cruiser.cjs', ...folders] },
  { name: 'diagram', command: ['node', 'scripts/draw-arrows.ts', '--check'] },
];

const root = join(import.meta.dirname, '..');
const bin = join(root, 'node_modules/.bin');
// The tools find the pinned node, whoever started this script.
const env = { ...process.env, FORCE_COLOR: '0', PATH: `${bin}${delimiter}${process.env['PATH']}` };
const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !parts.some((part) => part.name === name));
if (unknown.length > 0) {
  console.error(`no such check: ${unknown.join(', ')}; there are ${parts.map(({ name }) => name).join(', ')}`);
  process.exit(2);
}

const began = performance.now();
const queue = parts.filter(({ name }) => asked.length === 0 || asked.includes(name));
const results: Result[] = [];
await Promise.all(Array.from({ length: Math.max(2, availableParallelism()) }, worker));
for (const { name, output } of results.filter(({ passed }) => !passed)) console.log(`\n── ${name} ──\n${output.trim()}`);
const failed = results.filter(({ passed }) => !passed).map(({ name }) => name);
console.log(`\n${failed.length === 0 ? 'all checks passed' : `failed: ${failed.join(', ')}`} in ${secondsSince(began).toFixed(1)} s`);
process.exitCode = failed.length === 0 ? 0 : 1;

async function worker(): Promise<void> {
  for (let part = queue.shift(); part !== undefined; part = queue.shift()) {
    const result = await run(part);
    results.push(result);
    console.log(`${result.passed ? 'passed' : 'FAILED'}  ${result.name.padEnd(8)} ${result.seconds.toFixed(1).padStart(5)} s`);
  }
}

function run(part: Part): Promise<Result> {
  return new Promise((resolve) => {
    const started = performance.now();
    const [tool = '', ...flags] = part.command;
    const child = spawn(join(bin, tool), flags, {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env,
    });
    let output = '';
    const collect = (chunk: Buffer) => void (output += chunk.toString());
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.on('error', (error) => resolve({ ...part, passed: false, seconds: secondsSince(started), output: error.message }));
    child.on('close', (code) => resolve({ ...part, passed: code === 0, seconds: secondsSince(started), output }));
  });
}

function secondsSince(moment: number): number {
  return (performance.now() - moment) / 1000;
}
