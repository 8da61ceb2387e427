import { createKubeHandler, ownsPath } from '#facade-kube';
import { openApiHash, openApiV2, openApiV3 } from '#kube';
import { openRoot, runPolicy } from '#policy';
import { kubeVersion, openStores, startBridge, startDemo, startProjections, watchReadiness, type FrontDoor, type KubeFront } from '#roles';
import { authorize } from '#access';
import type { Settings } from '#settings';
import type { Logger } from '#telemetry';
import { House } from '#workspace';

export type RolesOptions = {
  readonly settings: Settings;
  readonly logger: Logger;
  readonly progress: (line: string) => void;
  readonly frontDoor: FrontDoor;
  /** `https://127.0.0.1:6443` */
  readonly publicUrl: string;
  readonly manifestFolder: string;
};

export type Roles = {
  readonly kube: KubeFront;
  /** Called once the API is served. */
  readonly startDemo: () => Promise<void>;
  readonly stop: () => Promise<void>;
};

/** Everything behind the HTTP front, in the order in which it depends on each other. What was started is stopped in reverse. */
export async function startRoles({ settings, logger, progress, frontDoor, publicUrl, manifestFolder }: RolesOptions): Promise<Roles> {
  const started: (() => Promise<unknown> | void)[] = [];
  const stop = async (): Promise<void> => {
    for (const end of started.splice(0).reverse()) await end();
  };
  try {
    progress(settings.databaseUrl ? 'Connecting to PostgreSQL …' : 'Starting PostgreSQL …');
    const onLost = (failure: Error): void => {
      logger.fatal({ err: failure }, 'the data folder was taken over');
      process.exit(1);
    };
    const stores = await openStores({ settings, logger, onLost });
    started.push(stores.close);
    progress('Opening the log …');
    const house = new House({ ...stores, publicUrl });
    started.push(() => house.close());
    await openRoot(house);
    const policy = await runPolicy({ house, log: stores.log, checkpoints: stores.checkpoints, logger });
    started.push(policy.stop);
    const projections = startProjections({ stores, logger });
    started.push(projections.stop);
    const bridge = startBridge({ settings, stores, house, logger });
    started.push(bridge.stop);
    const readiness = watchReadiness({ stores, bridge: bridge.bridge });
    started.push(readiness.stop);
    const serve = createKubeHandler({
      workspaces: house,
      authenticate: frontDoor.authenticate,
      authorize,
      openApi: { v3: openApiV3, v2: openApiV2, hash: openApiHash },
      version: kubeVersion(),
      readiness,
      serverAddress: new URL(publicUrl).host,
      logger,
    });
    return {
      kube: { ownsPath, serve },
      async startDemo() {
        if (!settings.demo) return;
        progress('Starting the demo provider …');
        const demo = await startDemo({ house, manifestFolder, channel: bridge.providers, logger });
        started.push(demo.stop);
      },
      stop,
    };
  } catch (failure) {
    await stop();
    throw failure;
  }
}
