import { resolve } from 'node:path';
import { instant, logPosition, oneOf, onOff } from './parse.ts';
import type { Row, SettingName } from './settings-table.ts';

/** What `tributary` can do besides running: how it is called, and the flags that only it has. */
export type Command = {
  readonly summary: string;
  /** Further lines of its `--help`. */
  readonly description: readonly string[];
  /** What must follow its name, as `--help` calls it. What stands in brackets may be left out. */
  readonly operands: readonly string[];
  readonly flags: Readonly<Record<string, Row>>;
  /** Which settings mean something to it. */
  readonly settings: readonly SettingName[];
};

const storeSettings = ['dataFolder', 'databaseUrl', 'eventStoreUrl', 'topicPrefix', 'masterKeyFile'] as const;

const output = {
  flag: 'output',
  placeholder: 'text|json',
  fallback: 'text',
  parse: oneOf(['text', 'json'] as const),
  description: 'One line for people, or one JSON object, for each thing that is told.',
} satisfies Row;

/** A switch that only one command has. */
const aSwitch = <Flag extends string>(flag: Flag, description: string) =>
  ({ flag, fallback: 'off', parse: onOff, description }) satisfies Row;

const path = (text: string) => ({ type: 'parsed', value: resolve(text) }) as const;

export const commandsTable = {
  verify: {
    summary: 'Walks the whole log and tells what does not fit: places, folds, snapshots, schemas, keys, views, checkpoints.',
    description: [
      'Changes nothing, and may be run while the server works. Exit code 0: all fits. 1: something does not; each is one line.',
      '2: it could not be found out.',
    ],
    operands: [],
    flags: { output },
    settings: storeSettings,
  },
  backup: {
    summary: 'Copies the log and its keys into a folder; into one that holds a backup, only what is new.',
    description: [
      'May be run while the server works. Master keys, certificates and tokens are not in it: keep them apart.',
      'docs/operations/backup-and-restore.md tells all.',
    ],
    operands: ['FOLDER'],
    flags: { output },
    settings: storeSettings,
  },
  restore: {
    summary: 'Puts a backup into an empty database, wholly or up to a point.',
    description: ['The master key file must be there before. docs/operations/backup-and-restore.md tells what else to do.'],
    operands: ['FOLDER'],
    flags: {
      toPosition: {
        flag: 'to-position',
        placeholder: 'POSITION',
        parse: logPosition,
        description: 'The last position of the backed-up log to restore.',
      },
      toTime: {
        flag: 'to-time',
        placeholder: 'TIME',
        parse: instant,
        description: 'Restore what had happened by then, as 2026-11-23T10:00:00Z.',
      },
      destroyedKeys: {
        flag: 'destroyed-keys',
        placeholder: 'FOLDER',
        parse: path,
        description: 'A newer backup: keys that were destroyed by then do not come back.',
      },
      output,
    },
    settings: storeSettings,
  },
  export: {
    summary: 'Writes what the workspace of an account holds, so that another workspace, or another cluster, can create it.',
    description: [
      'Changes nothing, and may be run while the server works. What is left out is named in comments; docs/operations/export-and-import.md tells all.',
    ],
    operands: ['PATH_OR_CLUSTER'],
    flags: {
      file: {
        flag: 'file',
        placeholder: 'FILE',
        parse: path,
        description: 'Where it goes; with --recursive a folder. Absent: to the standard output.',
      },
      recursive: aSwitch('recursive', 'With the accounts below, each in a file of its own.'),
      secrets: aSwitch('secrets', 'With Secrets and fields of format password, in clear.'),
      status: aSwitch('status', 'With what providers and controllers have reported.'),
      output: {
        flag: 'output',
        placeholder: 'yaml|json',
        fallback: 'yaml',
        parse: oneOf(['yaml', 'json'] as const),
        description: 'YAML documents, or one JSON object on each line.',
      },
    },
    settings: storeSettings,
  },
  import: {
    summary: 'Creates in a workspace of the running server what an export holds.',
    description: [
      'FILE is - for the standard input, or a folder that --recursive has written. Nothing that is there is changed; a second run goes on where one ended.',
      'Exit code 0: all is there. 1: some is not; each is one line. 2: it could not be done.',
    ],
    operands: ['FILE'],
    flags: {
      into: {
        flag: 'into',
        placeholder: 'PATH',
        parse: (text: string) => ({ type: 'parsed', value: text }) as const,
        description: 'The workspace, as root:orgs:acme. Needed.',
      },
      dryRun: aSwitch('dry-run', 'Ask the server what it would refuse, and create nothing.'),
      kubeconfig: {
        flag: 'kubeconfig',
        placeholder: 'FILE',
        parse: path,
        description: 'Where the server is, and as whom to speak to it. Absent: admin.kubeconfig in the data folder.',
      },
      output,
    },
    settings: ['dataFolder'],
  },
  parked: {
    summary: 'Lists the reports of providers that could not be applied, sends them once more, or gives them up.',
    description: [
      'parked list; parked replay KEY, once the provider is mended; parked drop KEY, so that the next report gets through.',
      'Without KEY (account/uid, as listed), all of them. A running server takes the order up within seconds.',
    ],
    operands: ['list|replay|drop', '[KEY]'],
    flags: { output },
    settings: [
      ...storeSettings,
      'kafkaBrokers',
      'kafkaTls',
      'kafkaCaFile',
      'kafkaCertificateFile',
      'kafkaKeyFile',
      'kafkaSasl',
      'kafkaUser',
      'kafkaPasswordFile',
    ],
  },
} as const satisfies Readonly<Record<string, Command>>;

export type CommandName = keyof typeof commandsTable;
