import { backUpInstallation, exportAccounts, importAccounts, settleParked, restoreInstallation, verifyInstallation } from '#roles';
import { parseCommand, type CommandCall } from '#settings';
import { createLogger, type Logger } from '#telemetry';

/** Runs what the words after `tributary` name. Undefined where they name no command. Otherwise the exit code. */
export async function runCommand(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number | undefined> {
  const outcome = parseCommand(argv, env);
  switch (outcome?.type) {
    case undefined:
      return undefined;
    case 'help':
      process.stdout.write(`${outcome.text}\n`);
      return 0;
    case 'refused':
      for (const problem of outcome.problems) process.stderr.write(`tributary: ${problem}\n`);
      return 2;
    case 'command':
      for (const warning of outcome.warnings) process.stderr.write(`tributary: ${warning}\n`);
      return run(outcome).catch((failure: unknown) => {
        process.stderr.write(`tributary: ${failure instanceof Error ? failure.message : String(failure)}\n`);
        return 2;
      });
  }
}

function run(call: CommandCall): Promise<number> {
  const { settings } = call;
  // What a command tells is its output; the log is for what is wrong with it.
  const logger = createLogger({ level: settings.logLevel === 'info' ? 'warn' : settings.logLevel, name: call.command, to: 'stderr' });
  switch (call.command) {
    case 'verify':
      return runVerify(call, logger);
    case 'backup':
      return runBackup(call, logger);
    case 'restore':
      return runRestore(call, logger);
    case 'export':
      return runExport(call, logger);
    case 'import':
      return runImport(call);
    case 'parked':
      return runParked(call, logger);
  }
}

type Call<Name extends CommandCall['command']> = Extract<CommandCall, { readonly command: Name }>;

async function runVerify({ settings, flags: { output } }: Call<'verify'>, logger: Logger): Promise<number> {
  const say = speaker(output);
  const verified = await verifyInstallation(settings, logger, (finding) =>
    say(finding, `${finding.type}: ${finding.says}${placeOf(finding)}`),
  );
  const { head, events, streams, keys, findings } = verified;
  say(
    { type: 'verified', head: `${head}`, events: `${events}`, streams, keys, findings },
    `${findings === 0 ? 'All fits' : `${findings} findings`}: ${events} events in ${streams} streams up to position ${head}, ${keys} keys`,
  );
  return findings === 0 ? 0 : 1;
}

async function runBackup({ settings, operands: [folder = ''], flags: { output } }: Call<'backup'>, logger: Logger): Promise<number> {
  const { newEvents, events, head, keys } = await backUpInstallation(settings, folder, logger);
  speaker(output)(
    { type: 'backedUp', newEvents, events, head: `${head}`, keys },
    `Backed up ${newEvents} new events, ${events} in all, up to position ${head}, and ${keys} keys, into ${folder}`,
  );
  return 0;
}

async function runRestore({ settings, operands: [folder = ''], flags }: Call<'restore'>, logger: Logger): Promise<number> {
  const { toPosition: position, toTime: time, destroyedKeys: destroyedKeysFolder, output } = flags;
  const restored = await restoreInstallation({ settings, folder, until: { position, time }, destroyedKeysFolder }, logger);
  const { events, end, isWhole, keys, keysLeftOut } = restored;
  speaker(output)(
    { type: 'restored', events, end: `${end}`, isWhole, keys, keysLeftOut },
    [
      `Restored ${events} events up to position ${end}${isWhole ? '' : ', which is not all'}, and ${keys} keys; ${keysLeftOut} were left out, what they sealed is removed`,
      'Next: tributary verify. Views and snapshots are made anew when the server starts.',
    ].join('\n'),
  );
  return 0;
}

async function runExport({ settings, operands: [pathOrCluster = ''], flags }: Call<'export'>, logger: Logger): Promise<number> {
  const { file, recursive, secrets: withSecrets, status: withStatus, output: form } = flags;
  if (recursive && file === undefined) throw new Error('--recursive writes a file for each account: --file must name a folder for them');
  const to =
    file === undefined
      ? ({ type: 'stream', stream: process.stdout } as const)
      : ({ type: recursive ? 'folder' : 'file', path: file } as const);
  const remark = ({ what, why }: { readonly what: string; readonly why: string }): void =>
    void process.stderr.write(`left out: ${what}, ${why}\n`);
  const order = { settings, pathOrCluster, form, withSecrets, withStatus, to, remark };
  const { accounts, objects, leftOut } = await exportAccounts(order, logger);
  if (file !== undefined)
    process.stdout.write(`Exported ${objects} objects of ${accounts} accounts into ${file}; ${leftOut} remarks tell what is left out\n`);
  return 0;
}

async function runImport({ settings, operands: [from = ''], flags }: Call<'import'>): Promise<number> {
  const { into, dryRun, kubeconfig: kubeconfigFile, output } = flags;
  if (into === undefined) throw new Error('--into must name the workspace, as root:orgs:acme');
  const say = speaker(output);
  const counts = { created: 0, completed: 0, unchanged: 0, unchecked: 0, refused: 0 };
  await importAccounts({ settings, from, into, kubeconfigFile, dryRun }, (told) => {
    counts[told.type] += 1;
    const { type, what, reason, workspace } = told;
    // What is as it should be goes without saying.
    if (reason !== undefined) say(told, `${type}: ${what} in ${workspace}: ${reason}`);
  });
  const { created, completed, unchanged, unchecked, refused } = counts;
  say(
    { type: 'imported', dryRun, ...counts },
    `${dryRun ? 'Would create' : 'Created'} ${created}, completed ${completed}, left ${unchanged} as they were, ${dryRun ? `could not check ${unchecked}, ` : ''}refused ${refused}`,
  );
  return refused > 0 ? 1 : 0;
}

async function runParked({ settings, operands, flags: { output } }: Call<'parked'>, logger: Logger): Promise<number> {
  const [action, key] = operands as readonly ['list' | 'replay' | 'drop', string?];
  const say = speaker(output);
  const found = await settleParked({ settings, action, key }, logger);
  for (const { record, reason, attempts } of found)
    say(
      { type: action, key: record.key, topic: record.topic, reason, attempts, value: record.value },
      `${record.key}  ${record.topic}  ${reason}`,
    );
  const what = { list: 'parked', replay: 'sent once more', drop: 'given up' }[action];
  if (output === 'text') process.stdout.write(`${found.length} reports ${what}\n`);
  return key !== undefined && found.length === 0 ? 1 : 0;
}

/** Where it stands, unless the sentence has named the stream. */
function placeOf({ says, stream, revision, position }: Parameters<Parameters<typeof verifyInstallation>[2]>[0]): string {
  if (stream === undefined || says.includes(stream)) return '';
  const place = [`revision ${revision}`, `position ${position}`].filter((part) => !part.endsWith(' undefined'));
  return ` (${[stream, ...place].join(', ')})`;
}

function speaker(output: 'text' | 'json'): (fields: object, text: string) => void {
  return (fields, text) => void process.stdout.write(`${output === 'json' ? JSON.stringify(fields) : text}\n`);
}
