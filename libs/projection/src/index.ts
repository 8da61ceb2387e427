export type { PlacedEvent, Projection, RowChange } from './projection.ts';
export { catalogueView } from './views/catalogue.ts';
export type { CatalogueKind, CatalogueRow } from './views/catalogue.ts';
export { workspacesView } from './views/workspaces.ts';
export type { WorkspaceRow } from './views/workspaces.ts';
