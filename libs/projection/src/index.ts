export { changesOf } from './changes-of.ts';
export type { Lease, Leadership } from './leadership.ts';
export { PoisonEvent } from './poison-event.ts';
export type { PlacedEvent, Projection, RowChange, View, ViewChange } from './projection.ts';
export type {
  FoundResource,
  ResourceOrder,
  ResourcePage,
  ResourcePaging,
  ResourceQuery,
  ResourceSearch,
  ResourceSortKey,
} from './resource-search.ts';
export { runProjection } from './run-projection.ts';
export type { ProjectionOptions, RunningProjection } from './run-projection.ts';
export { ViewsUnavailable } from './view-store.ts';
export type { ViewLead, ViewState, ViewStore } from './view-store.ts';
export { catalogueView } from './views/catalogue.ts';
export type { CatalogueKind, CatalogueRow } from './views/catalogue.ts';
export { resourcesView } from './views/resources.ts';
export type { ResourceRow } from './views/resources.ts';
export { workspacesView } from './views/workspaces.ts';
export type { WorkspaceRow } from './views/workspaces.ts';
export { wordsOf } from './views/words.ts';
