import 'reflect-metadata';
import { fileURLToPath } from 'node:url';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { createHttpFront, freeAddress, prepareFrontDoor, type FrontDoor, type RequestListener } from '#roles';
import { publicUrlOf, type Settings } from '#settings';
import { startTracing, type Logger } from '#telemetry';
import { startRoles, type Roles } from './start-roles.ts';
import { tributaryModule } from './tributary.module.ts';

export type StartOptions = { readonly settings: Settings; readonly logger: Logger; readonly progress: (line: string) => void };

export type Tributary = { readonly port: number; readonly kubeconfigFile: string; readonly stop: () => Promise<void> };

const manifestFolder = fileURLToPath(new URL('../../example-provider/manifests/', import.meta.url));

/** All roles in one process: what `npm start` runs. @throws Error whose message says what is wrong and what to do */
export async function startTributary({ settings, logger, progress }: StartOptions): Promise<Tributary> {
  const listen = await freeAddress(settings.listen);
  const publicUrl = publicUrlOf(settings, listen.port);
  const tracing = await startTracing({ serviceName: 'tributary' });
  const frontDoor = await prepareFrontDoor(settings, publicUrl);
  const roles = await startRoles({ settings, logger, progress, frontDoor, publicUrl, manifestFolder });
  try {
    const app = await serveHttp({ frontDoor, roles, logger });
    await app.listen(listen.port, listen.host);
    await roles.startDemo();
    return {
      port: listen.port,
      kubeconfigFile: frontDoor.kubeconfigFile,
      async stop() {
        await app.close();
        await roles.stop();
        await tracing.stop();
      },
    };
  } catch (failure) {
    await roles.stop();
    throw failure;
  }
}

async function serveHttp({ frontDoor, roles, logger }: { readonly frontDoor: FrontDoor; readonly roles: Roles; readonly logger: Logger }): Promise<NestFastifyApplication> {
  const { certificates } = frontDoor;
  const adapter = new FastifyAdapter({
    serverFactory: (rest: RequestListener) => createHttpFront({ certificates, kube: roles.kube, rest }),
    // Watches would keep the server open for as long as they like.
    forceCloseConnections: true,
  });
  const app = await NestFactory.create<NestFastifyApplication>(tributaryModule({ frontDoor }), adapter, { logger: false, abortOnError: false });
  logger.debug('http front is ready');
  return app;
}
