export { prepareFrontDoor, type FrontDoor } from './access.ts';
export { startBridge, type BridgeRole } from './bridge-role.ts';
export { demoProviderPath, startDemo } from './demo.ts';
export { openStores, type Stores } from './stores.ts';
export { createHttpFront, freeAddress, type KubeFront, type RequestListener } from './http-front.ts';
export { watchReadiness } from './readiness.ts';
export { kubeVersion } from './kube-version.ts';
export { answerMetrics } from './metrics.ts';
export { startProjections } from './projections.ts';
