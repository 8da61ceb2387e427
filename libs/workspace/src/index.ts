export { AccountActor, streamOf, type AccountNews, type AccountStores } from './account-actor.ts';
export { Accounts, clusterNameOf, rootCluster, type AccountsOptions } from './accounts.ts';
export { urlOf, type Offer } from './computed.ts';
export { exportOf, House, type HouseOptions, type IncomingReport, type ReportOutcome } from './house.ts';
export { builtinKind, builtinKinds, builtinNames } from './kinds/kind-table.ts';
export { accountFinalizer, namespaceFinalizer, orgsPath, rulesOf } from './kinds/rules.ts';
export type {
  Author,
  CreateRequest,
  DeleteOutcome,
  DeleteRequest,
  FieldValidation,
  GetRequest,
  ListOutcome,
  ListRequest,
  Patch,
  PatchRequest,
  Selector,
  StoredObject,
  UpdateRequest,
  WatchEvent,
  WatchOutcome,
  WatchRequest,
  WatchSink,
  Workspace,
  Workspaces,
  WriteOutcome,
} from './workspaces.ts';
