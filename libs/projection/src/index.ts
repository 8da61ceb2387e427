export { allViews, viewNames } from './all-views.ts';
export type { ViewName } from './all-views.ts';
export { changesOf } from './changes-of.ts';
export { ObjectHistory } from './history/object-history.ts';
export type { HistoryEntry, HistoryIndex, HistoryQuery, ObjectChange, PastObject } from './history/object-history.ts';
export type { FieldChange, StructuralDiff } from './history/structural-diff.ts';
export type { Lease, Leadership } from './leadership.ts';
export { JsonText } from './json-text.ts';
export { leaveToNewer } from './leave-to-newer.ts';
export type { LeaveToNewerOptions, Made } from './leave-to-newer.ts';
export { PoisonEvent } from './poison-event.ts';
export type { PlacedEvent, Projection, RowChange, View, ViewChange } from './projection.ts';
export type { ProviderLiveness, ProviderLivenesses } from './provider-liveness.ts';
export type {
  ClustersFound,
  KindInCluster,
  KindsFound,
  FoundResource,
  ResourceOrder,
  ResourcePage,
  ResourcePaging,
  ResourceQuery,
  ResourceSearch,
  ResourceSortKey,
} from './resource-search.ts';
export { rebuildView } from './rebuild-view.ts';
export type { CatchUp, NextTable, Rebuilt, RebuildOptions, RebuildStore } from './rebuild-view.ts';
export { CurrentView } from './keep-current.ts';
export { runProjection } from './run-projection.ts';
export type { ProjectionOptions, RunningProjection } from './run-projection.ts';
export { ViewPositions } from './view-positions.ts';
export type { ViewReached } from './view-positions.ts';
export { ViewsUnavailable } from './view-store.ts';
export type { ViewLead, ViewState, ViewStore } from './view-store.ts';
export { accountsView } from './views/accounts.ts';
export type { AccountRow } from './views/accounts.ts';
export { bindingsView } from './views/bindings.ts';
export type { BindingRow } from './views/bindings.ts';
export { catalogueView } from './views/catalogue.ts';
export type { CatalogueKind, CatalogueRow } from './views/catalogue.ts';
export { historyView } from './views/history.ts';
export type { HistoryRow } from './views/history.ts';
export { livenessView } from './views/liveness.ts';
export type { LivenessRow } from './views/liveness.ts';
export { resourcesView } from './views/resources.ts';
export type { ResourceRow } from './views/resources.ts';
export { workspacesView } from './views/workspaces.ts';
export type { WorkspaceRow } from './views/workspaces.ts';
export { wordsOf } from './views/words.ts';
