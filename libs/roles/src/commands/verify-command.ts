import { allViews, type View } from '#projection';
import type { Settings } from '#settings';
import type { Logger } from '#telemetry';
import { verify, type Finding, type Verified } from '#upkeep';
import { readKeys } from '../keys.ts';
import { openUpkeep } from '../open-upkeep.ts';

/** Holds everything that is kept against the log. @throws Error that says why it cannot be found out */
export async function verifyInstallation(settings: Settings, logger: Logger, report: (finding: Finding) => void): Promise<Verified> {
  const upkeep = await openUpkeep(settings, logger);
  try {
    const keys = await readKeys({ settings, store: upkeep.keyStore });
    return await verify({ ...upkeep, keys, views: Object.values(allViews) as readonly View[], report });
  } finally {
    await upkeep.close();
  }
}
