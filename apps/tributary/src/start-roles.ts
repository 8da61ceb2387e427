import { join } from 'node:path';
import { openHouse, startApi, startBridge, startDemo, startPolicy, startProjections, type FrontDoor, type KubeFront } from '#roles';
import type { Settings } from '#settings';
import type { Logger } from '#telemetry';

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
  /** Called when all is up: until then `/readyz` says no. */
  readonly started: () => void;
  /** To be called before the server is closed. */
  readonly drain: ReturnType<typeof startApi>['drain'];
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
    const { house, stores, close } = await openHouse({ settings, publicUrl, logger, ca: frontDoor.certificates.ca });
    started.push(close);
    progress('Following the log …');
    const policy = await startPolicy({ house, stores, settings, logger });
    started.push(policy.stop);
    const projections = startProjections({ stores, logger });
    started.push(projections.stop);
    const { bridge, providers, stop: stopBridge } = await startBridge({ settings, stores, house, logger });
    started.push(stopBridge);
    const api = startApi({ house, stores, frontDoor, settings, publicUrl, logger, bridge });
    started.push(api.stop);
    return {
      kube: api.kube,
      drain: api.drain,
      started: api.started,
      async startDemo() {
        if (!settings.demo) return;
        progress('Starting the demo provider …');
        const sequenceFile = join(settings.dataFolder, 'demo-provider.sequence');
        const demo = await startDemo({ house, manifestFolder, channel: providers, sequenceFile, logger });
        started.push(demo.stop);
      },
      stop,
    };
  } catch (failure) {
    await stop();
    throw failure;
  }
}
