import { type Setting, settingsTable } from './settings-table.ts';

/** What `--help` prints: one paragraph per row of the table. */
export function helpText(command: string): string {
  return [
    `Usage: ${command} [--flag VALUE …]`,
    '',
    'Every setting is a flag or an environment variable; the flag wins.',
    '',
    ...Object.values<Setting<unknown>>(settingsTable).flatMap(paragraph),
    '  --help',
    '      Prints this text.',
    '',
    'OTEL_EXPORTER_OTLP_ENDPOINT, as OpenTelemetry defines it, switches spans on; the exporter’s other variables hold, too.',
    '',
  ].join('\n');
}

function paragraph({ flag, env, placeholder, fallback, description }: Setting<unknown>): string[] {
  const title = `  --${flag}${placeholder === undefined ? '' : ` ${placeholder}`}, ${env}`;
  return [fallback === undefined ? title : `${title} (default: ${fallback})`, `      ${description}`, ''];
}
