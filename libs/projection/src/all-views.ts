import type { View } from './projection.ts';
import { accountsView } from './views/accounts.ts';
import { bindingsView } from './views/bindings.ts';
import { catalogueView } from './views/catalogue.ts';
import { historyView } from './views/history.ts';
import { livenessView } from './views/liveness.ts';
import { resourcesView } from './views/resources.ts';
import { workspacesView } from './views/workspaces.ts';

/** Every view, by the name of its table. */
export const allViews = {
  workspaces: workspacesView,
  catalogue: catalogueView,
  resources: resourcesView,
  accounts: accountsView,
  bindings: bindingsView,
  history: historyView,
  liveness: livenessView,
} as const satisfies Readonly<Record<string, View>>;

export type ViewName = keyof typeof allViews;
export const viewNames = Object.keys(allViews) as readonly ViewName[];
