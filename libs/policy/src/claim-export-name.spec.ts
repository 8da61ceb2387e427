import { expect, it } from 'vitest';
import { collect } from '#testing/stream';
import { claimExportName } from './claim-export-name.ts';
import { aHouse } from './testing/a-house.ts';

/** As it stands in logs that were written since the beginning: never to be changed. */
const golden = '{"type":"ExportNameClaimed","cluster":"1a2b3c4d5e6f7g8h"}';

it('knows a claim that was made by any release before, and makes one in the same form', async () => {
  const { house, log, stop } = await aHouse();
  await log.append('export-old.test', -1n, [{ id: crypto.randomUUID(), type: 'ExportNameClaimed', data: golden }]);
  expect([await claimExportName(house, 'old.test', '1a2b3c4d5e6f7g8h'), await claimExportName(house, 'old.test', 'another')]).toEqual([
    true,
    false,
  ]);
  expect(await claimExportName(house, 'new.test', '1a2b3c4d5e6f7g8h')).toBe(true);
  expect((await collect(log.readStream('export-new.test', 0n))).map(({ data }) => data)).toEqual([golden]);
  await stop();
});
