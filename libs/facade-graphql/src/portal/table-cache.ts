import type { StoredObject } from '#workspace';

const tablesMax = 16;
const rowsMax = 200_000;
const keptMs = 60_000;

type Rows = readonly StoredObject[];
type Table = { readonly rows: Rows; readonly columns: object };

/** Tables that were filtered and sorted lately: who turns the page has it from here. The least recently made go first, and each after a minute. */
export class TableCache {
  readonly #tables = new Map<string, Table>();
  #rows = 0;

  /** Undefined where it was made with other columns, too. */
  get(key: string, columns: object): Rows | undefined {
    const table = this.#tables.get(key);
    return table?.columns === columns ? table.rows : undefined;
  }

  set(key: string, columns: object, rows: Rows): void {
    this.#delete(key);
    const table = { rows, columns };
    this.#tables.set(key, table);
    this.#rows += rows.length;
    for (const [oldest] of this.#tables) {
      if (this.#tables.size <= tablesMax && this.#rows <= rowsMax) break;
      this.#delete(oldest);
    }
    setTimeout(() => this.#tables.get(key) === table && this.#delete(key), keptMs).unref();
  }

  #delete(key: string): void {
    this.#rows -= this.#tables.get(key)?.rows.length ?? 0;
    this.#tables.delete(key);
  }
}
