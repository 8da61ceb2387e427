export { kubeVersion, type Build, type KubeVersion } from './answers/version.ts';
export type { AuditLog, KubeHandlerOptions, OpenApiDocuments, Readiness, ReadinessCheck } from './exchange.ts';
export { outageStatus } from './outage-status.ts';
export type { Neighbour, Stranger, Visit } from './neighbour.ts';
export { refusalToStatus } from './refusal-to-status.ts';
export { createKubeHandler, type KubeHandler } from './kube-handler.ts';
export { hasNeighbour, ownsPath } from './owns-path.ts';
export { parseRequestPath, type BarePath, type RefusedPath, type RequestPath, type ResourcePath } from './request-path.ts';
export { wantsWebSocket, WebSocketDoor } from './websocket/websocket-door.ts';
