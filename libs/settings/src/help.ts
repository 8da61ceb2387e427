import { commandsTable, type Command, type CommandName } from './commands-table.ts';
import type { Row } from './setting.ts';
import { settingsTable } from './settings-table.ts';

/** What `--help` prints: one paragraph per row of the table. */
export function helpText(command: string): string {
  return [
    `Usage: ${command} [--flag VALUE …]`,
    '',
    ...(command === 'npm start --' ? commandLines() : []),
    'Every setting is a flag or an environment variable; the flag wins.',
    '',
    ...Object.values<Row>(settingsTable).flatMap(paragraph),
    '  --help',
    '      Prints this text.',
    '',
    'OTEL_EXPORTER_OTLP_ENDPOINT, as OpenTelemetry defines it, switches spans on; the exporter’s other variables hold, too.',
    '',
  ].join('\n');
}

/** What `tributary <command> --help` prints. */
export function commandHelp(name: CommandName): string {
  const { summary, description, operands, flags, settings }: Command = commandsTable[name];
  return [
    `Usage: tributary ${[name, ...operands].join(' ')} [--flag VALUE …]`,
    '',
    ...[summary, ...description].map((line) => `${line}`),
    '',
    ...Object.values<Row>(flags).flatMap(paragraph),
    ...settings.flatMap((setting) => paragraph(settingsTable[setting])),
    '  --help',
    '      Prints this text.',
    '',
  ].join('\n');
}

function commandLines(): string[] {
  const names = Object.entries<Command>(commandsTable);
  const width = Math.max(...names.map(([name]) => name.length));
  return [
    'Without a command, everything is started. `npm run tributary -- COMMAND --help` tells what else can be done:',
    '',
    ...names.map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`),
    '',
  ];
}

function paragraph({ flag, env, placeholder, fallback, description }: Row): string[] {
  const title = `  --${flag}${placeholder === undefined ? '' : ` ${placeholder}`}${env === undefined ? '' : `, ${env}`}`;
  return [fallback === undefined ? title : `${title} (default: ${fallback})`, `      ${description}`, ''];
}
