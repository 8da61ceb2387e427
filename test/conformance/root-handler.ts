import { authorize, createAuthenticate, createTokenTable, mastersGroup } from '#access';
import { createKubeHandler, kubeVersion, type KubeHandlerOptions } from '#facade-kube';
import { gnosticV2, openApiV2, openApiV3 } from '#kube';
import type { House } from '#workspace';

export const token = 'admin-token-of-this-spec';

/** Speaks Kubernetes for a house; whoever has the token may do everything. */
export function rootHandler(
  house: House,
  more: Pick<KubeHandlerOptions, 'logger' | 'neighbours'> = {},
): ReturnType<typeof createKubeHandler> {
  return createKubeHandler({
    workspaces: house,
    authenticate: createAuthenticate(createTokenTable([{ token, user: 'admin', uid: 'u-1', groups: [mastersGroup] }])),
    authorize,
    version: kubeVersion({ release: '0.1.0' }),
    readiness: { checks: () => [] },
    serverAddress: '127.0.0.1:6443',
    openApi: { v3: openApiV3, v2: openApiV2, v2Protobuf: gnosticV2 },
    ...more,
  });
}
