import type { Judged, Sample } from './judge.ts';
import type { TableSize } from './measure.ts';

const rowsMax = 15;

/** Says what was measured and how it was judged, as Markdown. */
export function print({
  samples,
  judged,
  counts,
  tables,
}: {
  readonly samples: readonly Sample[];
  readonly judged: readonly Judged[];
  readonly counts: ReadonlyMap<string, number>;
  readonly tables: readonly TableSize[];
}): void {
  const step = Math.ceil(samples.length / rowsMax);
  const shown = samples.filter((sample, index) => sample.liveMegabytes !== undefined || index % step === 0 || index === samples.length - 1);
  console.log(row(['second', 'requests', 'RSS, MB', 'heap, MB', 'live, MB', 'files', 'timers', 'connections', 'database, MB', 'dead, MB']));
  console.log(row(Array.from({ length: 10 }, () => '---')));
  for (const { atSeconds, requests, measured, liveMegabytes } of shown) {
    const { rssMegabytes, heapMegabytes, openFiles, timers, connections, databaseMegabytes, deadMegabytes } = measured;
    const [first, later] = [
      [atSeconds, requests, rssMegabytes, heapMegabytes],
      [openFiles, timers, connections, databaseMegabytes, deadMegabytes],
    ];
    console.log(row([...first.map(rounded), liveMegabytes === undefined ? '' : liveMegabytes.toFixed(1), ...later.map(rounded)]));
  }
  console.log(`\n${row(['measure', 'level', 'growth after the warm-up', 'bound', 'an hour of it', 'flat'])}`);
  console.log(row(Array.from({ length: 6 }, () => '---')));
  for (const { measure, level, growth, bound, perHour } of judged) {
    const cells = [level, growth, bound, perHour].map((value) => value.toFixed(1));
    console.log(row([measure, ...cells, growth <= bound ? 'yes' : '**no**']));
  }
  console.log(`\n${row(['table', 'MB', 'rows', 'dead rows'])}\n${row(['---', '---', '---', '---'])}`);
  for (const { table, megabytes, rows, dead } of tables) console.log(row([table, megabytes.toFixed(1), `${rows}`, `${dead}`]));
  console.log(`\nrequests: ${[...counts].map(([what, count]) => `${count} ${what}`).join(', ')}`);
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

function rounded(value: number): string {
  return value.toFixed(0);
}
