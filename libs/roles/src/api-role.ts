import { acceptCertificates, acceptServiceAccounts, authorize } from '#access';
import type { Bridge } from '#bridge';
import { createGraphqlFacade, type Views } from '#facade-graphql';
import {
  createKubeHandler,
  Drain,
  hasNeighbour,
  outageStatus,
  ownsPath,
  refusalToStatus,
  wantsWebSocket,
  WebSocketDoor,
} from '#facade-kube';
import { gnosticV2, openApiV2, openApiV3 } from '#kube';
import type { ViewName } from '#projection';
import type { Logger } from '#telemetry';
import type { Server } from 'node:http';
import { rootCluster, type House } from '#workspace';
import type { FrontDoor } from './access.ts';
import { openAudit } from './audit-log.ts';
import type { KubeFront } from './http-front.ts';
import { kubeVersion } from './kube-version.ts';
import { lastKnown } from './metrics.ts';
import { drainServer } from './drain-server.ts';
import { partsOf } from './health/parts.ts';
import { watchHealth } from './health/watch-health.ts';
import type { Settings } from '#settings';
import type { Stores } from './stores.ts';

export type ApiRoleOptions = {
  readonly house: House;
  readonly stores: Stores;
  readonly frontDoor: FrontDoor;
  readonly settings: Settings;
  /** `https://127.0.0.1:6443` */
  readonly publicUrl: string;
  readonly logger: Logger;
  /** Where the bridge runs in this process, its health is shown too. */
  readonly bridge?: Bridge;
};

/** Serves workspaces as the Kubernetes API. */
export function startApi({ house, stores, frontDoor, settings, publicUrl, logger, bridge }: ApiRoleOptions): {
  readonly kube: KubeFront;
  /** To be called when all is up: until then `/readyz` says no. */
  readonly started: () => void;
  /** To be called before the server is closed: nothing that is being answered is broken off. */
  readonly drain: (server: Server) => Promise<void>;
  /** Resolves when the audit log is written. */
  readonly stop: () => Promise<void>;
} {
  const { audit, close } = openAudit(settings, logger);
  const tokens = house.serviceAccounts?.tokens;
  const parts = partsOf({ stores, keys: house.accounts.keys, bridge, usesKafka: settings.kafkaBrokers !== undefined });
  const health = watchHealth(parts, logger);
  const drain = new Drain();
  const serve = createKubeHandler({
    workspaces: house,
    authenticate: acceptCertificates(tokens ? acceptServiceAccounts(frontDoor.authenticate, tokens) : frontDoor.authenticate),
    identify: frontDoor.identify,
    ...(tokens ? { tokens } : {}),
    authorize,
    openApi: { v3: openApiV3, v2: openApiV2, v2Protobuf: gnosticV2 },
    version: kubeVersion(),
    readiness: health,
    drain,
    limits: { readsMax: settings.readsMax, writesMax: settings.writesMax, watchesMax: settings.watchesMax },
    serverAddress: new URL(publicUrl).host,
    ...(audit === undefined ? {} : { audit }),
    neighbours: {
      graphql: createGraphqlFacade({
        ofRefusal: refusalToStatus,
        ofFault: outageStatus,
        hasPage: settings.graphqlPage,
        views: viewsOf(stores),
      }),
    },
    logger,
  });
  const stop = (): Promise<void> => {
    health.stop();
    return close();
  };
  return {
    kube: kubeFront(house, serve),
    started: health.started,
    drain: (server) => drainServer(server, { drain, health, settings, logger }),
    stop,
  };
}

function kubeFront(house: House, serve: KubeFront['serve']): KubeFront {
  const door = new WebSocketDoor(serve);
  return {
    rulesOfRoot: lastKnown(async () => (await house.open(rootCluster))?.access()),
    ownsPath,
    hasNeighbour,
    serve,
    wantsUpgrade: wantsWebSocket,
    upgrade: (request, socket, head) => door.upgrade(request, socket, head),
    endUpgraded: () => door.close(),
  };
}

/** What the log tells of an object's past is found by where its lives end. */
const historyTables: readonly ViewName[] = ['history', 'resources'];

/** What the portal's part of GraphQL reads. */
function viewsOf({ history, resources, positions }: Stores): Views {
  return {
    history,
    instances: resources,
    async caughtUp(view, deadlineMs) {
      const tables = view === 'history' ? historyTables : [view];
      const reached = await Promise.all(tables.map((table) => positions.caughtUp(table, deadlineMs)));
      return reached.every(({ type }) => type === 'reached') ? 'reached' : 'behind';
    },
  };
}
