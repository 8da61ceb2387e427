import type { Parsed } from './parse.ts';

/** One setting: a flag and an environment variable with the same meaning. The flag wins. */
export type Setting<Value> = {
  readonly flag: string;
  readonly env: string;
  /** How `--help` calls the value; a switch has none. */
  readonly placeholder?: string;
  /** What a switch says by being there; `on` when absent. */
  readonly present?: string;
  /** Parsed like a given one. Absent: the setting is undefined unless given. */
  readonly fallback?: string;
  readonly parse: (text: string) => Parsed<Value>;
  readonly description: string;
};

/** A row of any type: of this table, or of the flags that only one command has, which have no variable. */
export type Row = Omit<Setting<unknown>, 'env'> & { readonly env?: string };
