import { openHouse, runRole, startBridge } from '#roles';
import { publicUrlOf } from '#settings';

await runRole({
  name: 'tributary-bridge',
  command: 'node apps/bridge/src/main.ts',
  required: ['databaseUrl', 'kafkaBrokers'],
  async start(settings, logger) {
    const { house, stores, close } = await openHouse({ settings, publicUrl: publicUrlOf(settings), logger });
    const bridge = await startBridge({ settings, stores, house, logger });
    return {
      async stop() {
        await bridge.stop();
        await close();
      },
    };
  },
});
