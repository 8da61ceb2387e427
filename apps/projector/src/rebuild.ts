// Makes views anew while they are served: `npm run views:rebuild`, or with the names of views and settings behind it.
import { rebuildViews } from '#roles';
import { parseSettings } from '#settings';
import { createLogger } from '#telemetry';

const given = process.argv.slice(2);
const flagsFrom = given.findIndex((argument) => argument.startsWith('-'));
const names = flagsFrom < 0 ? given : given.slice(0, flagsFrom);
const outcome = parseSettings(given.slice(names.length), process.env, { command: 'npm run views:rebuild -- [VIEW …]' });
switch (outcome.type) {
  case 'help':
    process.stdout.write(`${outcome.text}\n`);
    break;
  case 'refused':
    for (const problem of outcome.problems) process.stderr.write(`tributary: ${problem}\n`);
    process.exitCode = 2;
    break;
  case 'settings': {
    const logger = createLogger({ level: 'warn', name: 'tributary-rebuild' });
    const say = (line: string): void => void process.stdout.write(`${line}\n`);
    const problem = await rebuildViews({ settings: outcome.settings, names, logger, say }).catch((failure: unknown) =>
      failure instanceof Error ? failure.message : String(failure),
    );
    if (problem !== undefined) {
      process.stderr.write(`tributary: ${problem}\n`);
      process.exitCode = 2;
    }
  }
}
