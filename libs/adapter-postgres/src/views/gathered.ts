import type { View, ViewChange } from '#projection';

type Columns = Readonly<Record<string, unknown>>;

/** A step of a batch: rows put and rows removed by their keys, which are all different, or what has to stand between such. */
export type Step =
  | { readonly type: 'rows'; readonly puts: readonly (readonly Columns[])[]; readonly removed: readonly Columns[] }
  | Exclude<ViewChange, { readonly type: 'put' }>;

/** The fewest steps to the same rows: what is overtaken inside of the batch is never written. Rows of one put have the same columns. */
export function gathered({ key, table }: Pick<View, 'key' | 'table'>, changes: readonly ViewChange[]): Step[] {
  const steps: Step[] = [];
  let rows = new Map<string, { readonly row: Columns; readonly removed: boolean }>();
  const nameOf = (row: Columns): string => {
    let name = '';
    // A NUL stands in no name.
    for (const column of key) name += `${String(row[column])}\0`;
    return name;
  };
  const flush = (): void => {
    if (rows.size > 0) steps.push(rowsOf([...rows.values()]));
    rows = new Map();
  };
  for (const change of changes) {
    switch (change.type) {
      case 'put': {
        const name = nameOf(change.row);
        const before = rows.get(name);
        // What was removed and put again has all of its columns.
        rows.set(name, { row: before && !before.removed ? { ...before.row, ...change.row } : change.row, removed: false });
        break;
      }
      case 'merge': {
        const before = rows.get(nameOf(change.key));
        if (before) {
          if (!before.removed) rows.set(nameOf(change.key), { row: { ...before.row, ...change.columns }, removed: false });
        } else {
          flush();
          steps.push(change);
        }
        break;
      }
      case 'drop':
        if (Object.keys(change.where).length === 0) throw new TypeError(`a drop in ${table} must say which rows`);
        if (Object.keys(change.where).length === key.length && key.every((column) => column in change.where)) {
          rows.set(nameOf(change.where), { row: change.where, removed: true });
        } else {
          rows = new Map(
            [...rows].filter(([, { row }]) => !Object.entries(change.where).every(([column, value]) => row[column] === value)),
          );
          flush();
          steps.push(change);
        }
    }
  }
  flush();
  return steps;
}

function rowsOf(rows: readonly { readonly row: Columns; readonly removed: boolean }[]): Step {
  const puts: Alike[] = [];
  const removed: Columns[] = [];
  for (const each of rows) {
    if (each.removed) {
      removed.push(each.row);
      continue;
    }
    const alike = puts.find(({ columns }) => hasColumns(each.row, columns));
    if (alike) alike.rows.push(each.row);
    else puts.push({ columns: new Set(Object.keys(each.row)), rows: [each.row] });
  }
  return { type: 'rows', puts: puts.map(({ rows: ofThese }) => ofThese), removed };
}

type Alike = { readonly columns: ReadonlySet<string>; readonly rows: Columns[] };

function hasColumns(row: Columns, columns: ReadonlySet<string>): boolean {
  let count = 0;
  for (const column in row) {
    if (!columns.has(column)) return false;
    count += 1;
  }
  return count === columns.size;
}
