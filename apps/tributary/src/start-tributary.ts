import { fileURLToPath } from 'node:url';
import { cannotListen, freeAddress, prepareFrontDoor, serveHttp } from '#roles';
import { publicUrlOf, type Settings } from '#settings';
import { startTracing, type Logger } from '#telemetry';
import { startRoles } from './start-roles.ts';

export type StartOptions = { readonly settings: Settings; readonly logger: Logger; readonly progress: (line: string) => void };

export type Tributary = { readonly port: number; readonly kubeconfigFile: string; readonly stop: () => Promise<void> };

const manifestFolder = fileURLToPath(new URL('../../example-provider/manifests/', import.meta.url));

/** All roles in one process: what `npm start` runs. @throws Error whose message says what is wrong and what to do */
export async function startTributary({ settings, logger, progress }: StartOptions): Promise<Tributary> {
  const listen = await freeAddress(settings.listen);
  const publicUrl = publicUrlOf(settings, listen.port);
  const tracing = await startTracing({ serviceName: 'tributary' });
  const frontDoor = await prepareFrontDoor(settings, publicUrl, logger);
  const roles = await startRoles({ settings, logger, progress, frontDoor, publicUrl, manifestFolder });
  try {
    const app = await serveHttp({ frontDoor, kube: roles.kube });
    await app.listen(listen.port, listen.host).catch((failure: unknown) => Promise.reject(cannotListen(listen, failure)));
    await roles.startDemo();
    const kubeconfigFile = await frontDoor.writeKubeconfig();
    roles.started();
    return {
      port: listen.port,
      kubeconfigFile,
      async stop() {
        await roles.drain(app.getHttpServer());
        await app.close();
        frontDoor.close();
        await roles.stop();
        await tracing.stop();
      },
    };
  } catch (failure) {
    await roles.stop();
    throw failure;
  }
}
