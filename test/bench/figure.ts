/** One row of the table. */
export type Figure = {
  readonly figure: string;
  readonly measured: string;
  /** What the same run reached without us in between; empty where the goal is absolute. */
  readonly floor: string;
  /** The number that is held against the goal. */
  readonly verdict: string;
  readonly goal: string;
  readonly met: boolean;
};

export function markdownTable(figures: readonly Figure[]): string {
  const rows = figures.map(({ figure, measured, floor, verdict, goal, met }) => [
    figure,
    measured,
    floor || '–',
    verdict,
    goal,
    met ? 'yes' : '**no**',
  ]);
  const lines = [['figure', 'measured', 'floor in the same run', 'ratio or percentile', 'goal', 'met'], ...rows];
  const widths = (lines[0] ?? []).map((_, column) => Math.max(...lines.map((cells) => cells[column]?.length ?? 0)));
  const drawn = lines.map((cells) => `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`);
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [drawn[0], rule, ...drawn.slice(1)].join('\n');
}
