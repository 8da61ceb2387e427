import { commandsTable, type Command, type CommandName } from './commands-table.ts';
import { commandHelp } from './help.ts';
import type { Parsed } from './parse.ts';
import { readFlags, readRows, strangers, type Environment, type Settings, type SettingsOutcome } from './parse-settings.ts';
import { settingsTable } from './settings-table.ts';

type ValueOf<Row> = Row extends { readonly parse: (text: string) => Parsed<infer Value> } ? Value : never;
type FlagOf<Row> = Row extends { readonly fallback: string } ? ValueOf<Row> : ValueOf<Row> | undefined;

/** A command as it was given: its own flags, what follows its name, and the settings of the installation that it is about. */
export type CommandCall = {
  readonly [Name in CommandName]: {
    readonly type: 'command';
    readonly command: Name;
    readonly settings: Settings;
    readonly flags: { readonly [Flag in keyof (typeof commandsTable)[Name]['flags']]: FlagOf<(typeof commandsTable)[Name]['flags'][Flag]> };
    readonly operands: readonly string[];
    readonly warnings: readonly string[];
  };
}[CommandName];

export type CommandOutcome = CommandCall | Exclude<SettingsOutcome, { readonly type: 'settings' }>;

/** Undefined where `argv` names no command: then it is about starting. */
export function parseCommand(argv: readonly string[], env: Environment): CommandOutcome | undefined {
  const [name, ...rest] = argv;
  if (name === undefined || name.startsWith('-')) return undefined;
  if (!isCommand(name))
    return {
      type: 'refused',
      problems: [`there is no command ${JSON.stringify(name)}; there are ${Object.keys(commandsTable).join(', ')}`],
    };
  const command: Command = commandsTable[name];
  const given = readFlags(rest, { ...settingsTable, ...command.flags }, { allowPositionals: true });
  if (given.type === 'refused') return given;
  if (given.values['help'] === true) return { type: 'help', text: commandHelp(name) };
  const settings = readRows(settingsTable, given.values, env, []);
  const flags = readRows(command.flags, given.values, env, []);
  const problems = [...settings.problems, ...flags.problems, ...wrongOperands(name, command, given.operands)];
  if (problems.length > 0) return { type: 'refused', problems };
  return {
    type: 'command',
    command: name,
    settings: settings.values,
    flags: flags.values,
    operands: given.operands,
    warnings: strangers(env),
    // Every row was parsed into its own type above.
  } as unknown as CommandCall;
}

const isCommand = (name: string): name is CommandName => Object.hasOwn(commandsTable, name);

function wrongOperands(name: string, { operands }: Command, given: readonly string[]): readonly string[] {
  const needed = operands.filter((operand) => !operand.startsWith('['));
  if (given.length >= needed.length && given.length <= operands.length) return wrongWords(name, operands, given);
  return [`${name} takes ${operands.length === 0 ? 'nothing but flags' : operands.join(' ')}; ${given.length} words were given`];
}

/** An operand that is written as a choice, `list|replay`, is one of these words. */
function wrongWords(name: string, operands: readonly string[], given: readonly string[]): readonly string[] {
  return given.flatMap((word, index) => {
    const choice = operands[index]?.includes('|') ? operands[index].split('|') : [word];
    return choice.includes(word) ? [] : [`${name} takes ${choice.join(', ')}, not ${JSON.stringify(word)}`];
  });
}
