import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';
import { helpText } from './help.ts';
import type { Parsed } from './parse.ts';
import type { Row } from './setting.ts';
import { type SettingName, settingsTable } from './settings-table.ts';

export type Environment = Readonly<Record<string, string | undefined>>;
type Rows = Readonly<Record<string, Row>>;
type ValueOf<Row> = Row extends { readonly parse: (text: string) => Parsed<infer Value> } ? Value : never;
type Optional<Row> = Row extends { readonly fallback: string } ? never : undefined;

/** What the process was told, or the table's fallbacks. */
export type Settings = { readonly [Name in SettingName]: ValueOf<(typeof settingsTable)[Name]> | Optional<(typeof settingsTable)[Name]> };

export type SettingsOutcome =
  /** `warnings` name variables that look like settings and are none. */
  | { readonly type: 'settings'; readonly settings: Settings; readonly warnings: readonly string[] }
  | { readonly type: 'help'; readonly text: string }
  /** One sentence per wrong setting, which it names. Print them and exit with code 2. */
  | { readonly type: 'refused'; readonly problems: readonly string[] };

export type SettingsNeeds = {
  /** How `--help` shows the command. */
  readonly command?: string;
  /** Settings that this role cannot do without, and that have no fallback. */
  readonly required?: readonly SettingName[];
};

/**
 * Reads flags (`argv` without node and script) and environment. An empty variable counts as absent, so that a
 * composition of containers may pass on what is not set.
 */
export function parseSettings(
  argv: readonly string[],
  env: Environment,
  { command = 'npm start --', required = [] }: SettingsNeeds = {},
): SettingsOutcome {
  const flags = readFlags(argv, settingsTable);
  if (flags.type === 'refused') return flags;
  if (flags.values['help'] === true) return { type: 'help', text: helpText(command) };
  const { values, problems } = readRows(settingsTable, flags.values, env, required);
  // Every row of the table was parsed into its own type.
  return problems.length > 0 ? { type: 'refused', problems } : { type: 'settings', settings: values as Settings, warnings: strangers(env) };
}

/** The value of each row, and one sentence per wrong or missing one. */
export function readRows(
  rows: Rows,
  flags: FlagValues,
  env: Environment,
  required: readonly string[],
): { readonly values: Readonly<Record<string, unknown>>; readonly problems: readonly string[] } {
  const problems: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, row] of Object.entries(rows)) {
    const source = sourceOf(row, flags, env);
    if (source.text === undefined) {
      values[name] = undefined;
      if (required.includes(name)) problems.push(`${source.label} must be set`);
      continue;
    }
    const outcome = row.parse(source.text);
    if (outcome.type === 'wrong') problems.push(`${source.label} ${outcome.problem}`);
    else values[name] = outcome.value;
  }
  return { values, problems };
}

/** How clients reach the API: what was set, else the address it listens on. `port` is the one in use, where the system chose it. */
export function publicUrlOf({ publicUrl, listen }: Pick<Settings, 'publicUrl' | 'listen'>, port: number = listen.port): string {
  if (publicUrl !== undefined) return publicUrl;
  const host = listen.host === '0.0.0.0' ? '127.0.0.1' : listen.host === '::' ? '::1' : listen.host;
  return `https://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

type FlagValues = Readonly<Record<string, unknown>>;
type ReadFlags =
  | { readonly type: 'read'; readonly values: FlagValues; readonly operands: readonly string[] }
  | { readonly type: 'refused'; readonly problems: readonly string[] };

export function readFlags(argv: readonly string[], rows: Rows, { allowPositionals = false } = {}): ReadFlags {
  const options: ParseArgsOptionsConfig = { help: { type: 'boolean', short: 'h' } };
  for (const row of Object.values(rows)) options[row.flag] = { type: row.placeholder === undefined ? 'boolean' : 'string' };
  try {
    const { values, positionals } = parseArgs({ args: [...argv], options, strict: true, allowPositionals });
    return { type: 'read', values, operands: positionals };
  } catch (error) {
    return {
      type: 'refused',
      problems: [`${error instanceof Error ? error.message.split('. ')[0] : String(error)}; --help lists every setting`],
    };
  }
}

function sourceOf(row: Row, flags: FlagValues, env: Environment): { label: string; text: string | undefined } {
  const flag = flags[row.flag];
  if (flag === true) return { label: `--${row.flag}`, text: row.present ?? 'on' };
  if (typeof flag === 'string') return { label: `--${row.flag}`, text: flag };
  const variable = row.env === undefined ? undefined : env[row.env];
  return { label: row.env ?? `--${row.flag}`, text: variable === undefined || variable === '' ? row.fallback : variable };
}

export function strangers(env: Environment): string[] {
  const known = new Set(Object.values(settingsTable).map((row) => row.env as string));
  return Object.keys(env)
    .filter((name) => name.startsWith('TRIBUTARY_') && !known.has(name))
    .map((name) => `${name} is not a setting; --help lists them`);
}
