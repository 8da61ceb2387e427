import { backUpInstallation, settleParked, restoreInstallation, verifyInstallation } from '#roles';
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
    case 'parked':
      return runParked(call, logger);
  }
}

type Call<Name extends CommandCall['command']> = Extract<CommandCall, { readonly command: Name }>;

async function runVerify({ settings, flags: { output } }: Call<'verify'>, logger: Logger): Promise<number> {
  const say = speaker(output);
  const verified = await verifyInstallation(settings, logger, (finding) => say(finding, `${finding.type}: ${finding.says}`));
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
      ...(settings.kafkaBrokers && !isWhole ? ['Choose another --topic-prefix: providers have seen what is undone.'] : []),
    ].join('\n'),
  );
  return 0;
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

function speaker(output: 'text' | 'json'): (fields: object, text: string) => void {
  return (fields, text) => void process.stdout.write(`${output === 'json' ? JSON.stringify(fields) : text}\n`);
}
