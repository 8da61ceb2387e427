import { expect } from 'vitest';
import { verifyInstallation } from '#roles';
import { parseSettings } from '#settings';
import { silentLogger } from '#telemetry';

/** What `tributary verify` finds, with these flags: nothing. Positions without gap, every life sound, views and keys equal to a replay of the log. */
export async function expectVerified(flags: readonly string[]): Promise<void> {
  const outcome = parseSettings([...flags], {});
  if (outcome.type !== 'settings') throw new Error(JSON.stringify(outcome));
  const findings: unknown[] = [];
  await verifyInstallation(outcome.settings, silentLogger, (finding) => findings.push(finding));
  expect(findings).toEqual([]);
}
