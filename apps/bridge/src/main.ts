import { openHouse, runRole, startBridge, startProbes } from '#roles';
import { publicUrlOf } from '#settings';

await runRole({
  name: 'tributary-bridge',
  command: 'node apps/bridge/src/main.ts',
  required: ['databaseUrl', 'kafkaBrokers'],
  async start(settings, logger) {
    const { house, stores, close } = await openHouse({ settings, publicUrl: publicUrlOf(settings), logger, isPatient: true });
    const bridge = await startBridge({ settings, stores, house, logger });
    const probes = await startProbes({ settings, stores, keys: house.accounts.keys, bridge: bridge.bridge, logger });
    probes?.started();
    return {
      async stop() {
        await probes?.stop();
        await bridge.stop();
        await close();
      },
    };
  },
});
