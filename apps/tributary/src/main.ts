#!/usr/bin/env node
import { isAbsolute, relative } from 'node:path';
import { onceSignalled } from '#roles';
import { parseSettings, publicUrlOf, type Settings } from '#settings';
import { logFileFor } from './log-file.ts';
import { runCommand } from './run-command.ts';
import { startTributary } from './start-tributary.ts';

const startedAt = performance.now();
const argv = process.argv.slice(2);
const code = await runCommand(argv, process.env);
if (code === undefined) await start();
else process.exitCode = code;

async function start(): Promise<void> {
  const outcome = parseSettings(argv, process.env);
  switch (outcome.type) {
    case 'help':
      process.stdout.write(`${outcome.text}\n`);
      break;
    case 'refused':
      for (const problem of outcome.problems) process.stderr.write(`tributary: ${problem}\n`);
      process.exitCode = 2;
      break;
    case 'settings':
      for (const warning of outcome.warnings) process.stderr.write(`tributary: ${warning}\n`);
      await run(outcome.settings);
      break;
  }
}

async function run(settings: Settings): Promise<void> {
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  const { logger, file } = await logFileFor(settings);
  try {
    const tributary = await startTributary({ settings, logger, progress: say });
    const kubeconfig = shortPath(tributary.kubeconfigFile);
    say(`Tributary is ready after ${((performance.now() - startedAt) / 1000).toFixed(1)} s, at ${publicUrlOf(settings, tributary.port)}`);
    say(`  administrator   ${kubeconfig}`);
    say(`  log             ${shortPath(file)}`);
    say(settings.demo ? '  demo provider   root:providers:httpbin' : '  no demo provider');
    say('');
    say('Type next, in a second terminal:');
    if (settings.demo) say('  npm run demo');
    say(`  kubectl --kubeconfig ${kubeconfig} --server ${publicUrlOf(settings, tributary.port)}/clusters/root:orgs get accounts`);
    say('');
    say('Ctrl-C stops everything.');
    onceSignalled(() => {
      say('\nStopping …');
      return tributary.stop();
    });
  } catch (failure) {
    logger.fatal({ err: failure }, 'the start failed');
    process.stderr.write(`tributary: ${failure instanceof Error ? failure.message : String(failure)}\n`);
    process.exit(1);
  }
}

function shortPath(path: string): string {
  const near = relative(process.cwd(), path);
  return near.startsWith('..') || isAbsolute(near) ? path : near;
}
