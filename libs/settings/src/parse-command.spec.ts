import { expect, it } from 'vitest';
import { commandsTable } from './commands-table.ts';
import { helpText } from './help.ts';
import { parseCommand } from './parse-command.ts';

it('leaves to the start what names no command', () => {
  expect([parseCommand([], {}), parseCommand(['--no-demo'], {})]).toEqual([undefined, undefined]);
});

it('reads a command with its own flags and the settings of the installation', () => {
  const outcome = parseCommand(['restore', '/backup', '--to-position', '17', '--data', '/data', '--output=json'], {
    DATABASE_URL: 'postgres://db/x',
  });
  expect(outcome).toMatchObject({
    type: 'command',
    command: 'restore',
    operands: ['/backup'],
    flags: { toPosition: 17n, toTime: undefined, output: 'json' },
    settings: { dataFolder: '/data', databaseUrl: 'postgres://db/x' },
  });
});

it('reads times with their offset, and refuses what is none', () => {
  expect(parseCommand(['restore', 'b', '--to-time', '2026-11-23T12:00:00+02:00'], {})).toMatchObject({
    flags: { toTime: new Date('2026-11-23T10:00:00Z') },
  });
  for (const wrong of ['yesterday', '2026-11-23', '2026-11-23T25:00:00Z'])
    expect(parseCommand(['restore', 'b', '--to-time', wrong], {})).toMatchObject({ type: 'refused' });
});

it.each([
  [['verfiy'], 'there is no command "verfiy"'],
  [['backup'], 'backup takes FOLDER; 0 words were given'],
  [['verify', 'it'], 'verify takes nothing but flags; 1 words were given'],
  [['verify', '--to-position', '1'], `Unknown option '--to-position'`],
  [['verify', '--output', 'xml'], '--output must be one of text, json'],
  [['restore', 'b', '--to-position', '-1'], '--to-position'],
  [['parked', 'show'], 'parked takes list, replay, drop, not "show"'],
  [['parked'], '0 words were given'],
  [['export'], 'export takes PATH_OR_CLUSTER; 0 words were given'],
  [['import', 'file', '--into'], '--into'],
])('refuses %j', (argv, problem) => {
  const outcome = parseCommand(argv, {});
  expect(outcome).toMatchObject({ type: 'refused' });
  expect(outcome?.type === 'refused' && outcome.problems.join()).toContain(problem);
});

it('reads switches that only one command has, off unless given', () => {
  expect(parseCommand(['export', 'root:orgs:acme', '--secrets'], {})).toMatchObject({
    flags: { secrets: true, status: false, recursive: false, output: 'yaml', file: undefined },
  });
});

it('lists every command and every flag in the help', () => {
  for (const [name, { flags, summary }] of Object.entries(commandsTable)) {
    expect(helpText('npm start --')).toContain(summary);
    const help = parseCommand([name, '--help'], {});
    for (const { flag } of [...Object.values(flags), { flag: 'data' }]) expect(help?.type === 'help' && help.text).toContain(`--${flag}`);
  }
});
