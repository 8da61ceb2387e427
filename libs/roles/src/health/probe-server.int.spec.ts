import { expect, it, onTestFinished } from 'vitest';
import { silentLogger } from '#telemetry';
import { testPostgres } from '#testing/adapter-postgres';
import { openHouse } from '../open-house.ts';
import { settingsOver } from '../testing/small-installation.ts';
import { startProbes } from './probe-server.ts';

it('answers probes and metrics in clear, and nothing where no address is set', async () => {
  const settings = await settingsOver((await testPostgres()).url);
  const { house, stores, close } = await openHouse({ settings, publicUrl: 'https://mesh.test', logger: silentLogger });
  onTestFinished(close);
  const { keys } = house.accounts;
  expect(await startProbes({ settings, stores, keys, logger: silentLogger })).toBeUndefined();
  const probes = await startProbes({
    settings: { ...settings, probeListen: { host: '127.0.0.1', port: 0 } },
    stores,
    keys,
    logger: silentLogger,
  });
  const get = async (path: string, method = 'GET') => {
    const answer = await fetch(`http://127.0.0.1:${probes?.port}${path}`, { method });
    return { code: answer.status, text: await answer.text() };
  };
  expect(await get('/livez')).toEqual({ code: 200, text: 'ok' });
  expect(await get('/readyz')).toMatchObject({ code: 500, text: expect.stringContaining('[-]startup failed') });
  probes?.started();
  expect(await get('/readyz?verbose')).toMatchObject({ code: 200, text: expect.stringContaining('[+]log ok') });
  expect(await get('/metrics')).toMatchObject({ code: 200, text: expect.stringContaining('tributary_part_healthy{part="views"}') });
  expect([await get('/api'), await get('/livez', 'POST')]).toMatchObject([{ code: 404 }, { code: 405 }]);
  const taken = { host: '127.0.0.1', port: probes?.port ?? 0 };
  await expect(startProbes({ settings: { ...settings, probeListen: taken }, stores, keys, logger: silentLogger })).rejects.toThrow(
    'TRIBUTARY_PROBE_LISTEN',
  );
  await probes?.stop();
  await expect(get('/livez')).rejects.toThrow('fetch failed');
});
