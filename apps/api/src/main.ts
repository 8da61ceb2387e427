import { cannotListen, openHouse, prepareFrontDoor, runRole, serveHttp, startApi } from '#roles';
import { publicUrlOf } from '#settings';

await runRole({
  name: 'tributary-api',
  command: 'node apps/api/src/main.ts',
  required: ['databaseUrl'],
  async start(settings, logger) {
    const publicUrl = publicUrlOf(settings);
    const frontDoor = await prepareFrontDoor(settings, publicUrl, logger);
    const { house, stores, close } = await openHouse({ settings, publicUrl, logger, ca: frontDoor.certificates.ca, isPatient: true });
    const api = startApi({ house, stores, frontDoor, settings, publicUrl, logger });
    const app = await serveHttp({ frontDoor, kube: api.kube });
    await app
      .listen(settings.listen.port, settings.listen.host)
      .catch((failure: unknown) => Promise.reject(cannotListen(settings.listen, failure)));
    await frontDoor.writeKubeconfig();
    api.started();
    return {
      async stop() {
        await api.drain(app.getHttpServer());
        await app.close();
        frontDoor.close();
        await api.stop();
        await close();
      },
    };
  },
});
