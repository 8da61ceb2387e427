export { AccountActor, type AccountNews, type AccountStores } from './account-actor.ts';
export type { AccountsOptions } from './accounts.ts';
export { clusterNameOf, rootCluster } from './cluster-name.ts';
export type { AccountDirectory } from './lineage.ts';
export { announce, type Announcement } from './announce.ts';
export { forget } from './ephemera.ts';
export { urlOf, type Offer } from './computed.ts';
export { exportOf, House, type HouseOptions } from './house.ts';
export type { ParkedReport, ProviderReport, ReportOutcome } from './provider-report.ts';
export { Retention, type RetentionOptions } from './retention.ts';
export { definitionFacts } from './kinds/custom-kinds.ts';
export { inSlices } from './in-slices.ts';
export { serviceAccountOf, type ServiceAccountSupply } from './kinds/token-secrets.ts';
export { secrets, serviceAccounts } from './kinds/core-kinds.ts';
export { newNamespace } from './kinds/new-namespace.ts';
export { builtinKind, builtinKinds, builtinNames } from './kinds/kind-table.ts';
export { namespaceFinalizer } from './kinds/core-rules.ts';
export { accountFinalizer, rulesOf } from './kinds/rules.ts';
export type {
  AuditAnnotations,
  Author,
  CreateRequest,
  DeleteOutcome,
  DeleteRequest,
  FieldValidation,
  GetRequest,
  ListOutcome,
  ListRequest,
  Patch,
  FieldWriter,
  FollowOutcome,
  PatchedShape,
  PastOutcome,
  PastRequest,
  PatchRequest,
  Selector,
  StoredObject,
  UpdateRequest,
  WatchEvent,
  WatchOutcome,
  WatchRequest,
  WatchSink,
  Workspace,
  WorkspaceEvent,
  WorkspaceEventSink,
  Workspaces,
  WriteOutcome,
} from './workspaces.ts';
