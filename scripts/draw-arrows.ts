// Draws arrows.cjs as a diagram into ARCHITECTURE.md. With --check it only says whether the drawing is stale.
import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { ArrowTable } from './fence/arrow-pushes.ts';

const begin = '<!-- arrows: drawn by scripts/draw-arrows.ts -->';
const end = '<!-- /arrows -->';

const root = join(import.meta.dirname, '..');
const path = join(root, 'ARCHITECTURE.md');
const text = await readFile(path, 'utf8');
const drawn = redrawn(text, diagram(createRequire(import.meta.url)(join(root, 'arrows.cjs')) as ArrowTable));
if (drawn === text) process.exit(0);
if (process.argv.includes('--check')) {
  console.error('ARCHITECTURE.md shows other arrows than arrows.cjs: run node scripts/draw-arrows.ts');
  process.exit(1);
}
await writeFile(path, drawn);

function redrawn(document: string, drawing: string): string {
  const [from, to] = [document.indexOf(begin), document.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`ARCHITECTURE.md has no place for the arrows, between ${begin} and ${end}`);
  return `${document.slice(0, from)}${begin}\n${drawing}\n${document.slice(to)}`;
}

/** Only arrows that do not follow from others are drawn, so that the picture can be read; what may be imported everywhere is left out. */
function diagram({ arrows, everywhere }: ArrowTable): string {
  const libs = Object.keys(arrows).filter((lib) => !everywhere.includes(lib));
  const lines = libs.flatMap((lib) => direct(arrows, lib, everywhere).map((target) => `  ${lib} --> ${target}`));
  const alone = libs.filter((lib) => !lines.some((line) => line.split(' ').includes(lib)));
  return ['```mermaid', 'flowchart TD', '  apps([apps/*]) --> roles', ...alone.map((lib) => `  ${lib}`), ...lines, '```'].join('\n');
}

function direct(arrows: ArrowTable['arrows'], lib: string, everywhere: readonly string[]): readonly string[] {
  const targets = arrows[lib]!.filter((target) => !everywhere.includes(target));
  return targets.filter((target) => !targets.some((via) => via !== target && reaches(arrows, via, target)));
}

function reaches(arrows: ArrowTable['arrows'], from: string, to: string): boolean {
  return arrows[from]!.some((next) => next === to || reaches(arrows, next, to));
}
