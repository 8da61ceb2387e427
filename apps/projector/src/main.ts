import { openHouse, runRole, startPolicy, startProbes, startProjections } from '#roles';
import { publicUrlOf } from '#settings';

await runRole({
  name: 'tributary-projector',
  command: 'node apps/projector/src/main.ts',
  required: ['databaseUrl'],
  async start(settings, logger) {
    const { house, stores, close } = await openHouse({ settings, publicUrl: publicUrlOf(settings), logger, isPatient: true });
    const projections = startProjections({ stores, logger });
    const policy = await startPolicy({ house, stores, settings, logger });
    const probes = await startProbes({ settings, stores, keys: house.accounts.keys, logger });
    probes?.started();
    return {
      async stop() {
        await probes?.stop();
        await policy.stop();
        await projections.stop();
        await close();
      },
    };
  },
});
