import { EntitySchema } from 'typeorm';
import type { AccountRow, BindingRow, CatalogueRow, HistoryRow, LivenessRow, ResourceRow, WorkspaceRow } from '#projection';

/** 64-bit numbers arrive as text. */
const position = { type: 'bigint', transformer: { to: (value: bigint) => `${value}`, from: (value: string) => BigInt(value) } } as const;

export const workspacesTable = new EntitySchema<WorkspaceRow>({
  name: 'workspaces',
  columns: {
    cluster: { type: 'text', primary: true },
    path: { type: 'text' },
    parent: { type: 'text', nullable: true },
    closing: { type: 'boolean' },
    position,
  },
});

export const catalogueTable = new EntitySchema<CatalogueRow>({
  name: 'catalogue',
  columns: {
    cluster: { type: 'text', primary: true },
    kind: { type: 'text', primary: true },
    name: { type: 'text', primary: true },
    uid: { type: 'text' },
    object: { type: 'text' },
    position,
  },
});

const resourcesTable = new EntitySchema<ResourceRow>({
  name: 'resources',
  columns: {
    cluster: { type: 'text', primary: true },
    group: { type: 'text', primary: true },
    resource: { type: 'text', primary: true },
    namespace: { type: 'text', primary: true },
    name: { type: 'text', primary: true },
    kind: { type: 'text' },
    uid: { type: 'text' },
    resourceVersion: { type: 'text' },
    position,
    created: { type: 'timestamptz', nullable: true },
    deleting: { type: 'timestamptz', nullable: true },
    generation: { type: 'bigint', nullable: true },
    creator: { type: 'text' },
    owners: { type: 'text', array: true },
    labels: { type: 'jsonb' },
    providerCluster: { type: 'text', nullable: true },
    providerExport: { type: 'text', nullable: true },
    ready: { type: 'text', nullable: true },
    health: { type: 'text' },
    turn: { type: 'text', nullable: true },
    since: { type: 'timestamptz', nullable: true },
    reason: { type: 'text' },
    object: { type: 'jsonb' },
    words: { type: 'tsvector' },
  },
});

const accountsTable = new EntitySchema<AccountRow>({
  name: 'accounts',
  columns: {
    cluster: { type: 'text', primary: true },
    name: { type: 'text', primary: true },
    uid: { type: 'text' },
    type: { type: 'text' },
    displayName: { type: 'text' },
    creator: { type: 'text' },
    workspaceCluster: { type: 'text', nullable: true },
    workspacePath: { type: 'text', nullable: true },
    health: { type: 'text' },
    reason: { type: 'text' },
    created: { type: 'timestamptz', nullable: true },
    deleting: { type: 'timestamptz', nullable: true },
    position,
  },
});

const bindingsTable = new EntitySchema<BindingRow>({
  name: 'bindings',
  columns: {
    cluster: { type: 'text', primary: true },
    name: { type: 'text', primary: true },
    uid: { type: 'text' },
    exportPath: { type: 'text' },
    exportName: { type: 'text' },
    exportCluster: { type: 'text', nullable: true },
    phase: { type: 'text' },
    resources: { type: 'jsonb' },
    health: { type: 'text' },
    reason: { type: 'text' },
    created: { type: 'timestamptz', nullable: true },
    deleting: { type: 'timestamptz', nullable: true },
    position,
  },
});

const historyTable = new EntitySchema<HistoryRow>({
  name: 'history',
  columns: {
    cluster: { type: 'text', primary: true },
    group: { type: 'text', primary: true },
    resource: { type: 'text', primary: true },
    namespace: { type: 'text', primary: true },
    name: { type: 'text', primary: true },
    revision: { ...position, primary: true },
    position,
  },
});

const livenessTable = new EntitySchema<LivenessRow>({
  name: 'liveness',
  columns: {
    providerCluster: { type: 'text', primary: true },
    providerExport: { type: 'text', primary: true },
    cluster: { type: 'text', primary: true },
    uid: { type: 'text', primary: true },
    at: { type: 'timestamptz' },
    position,
  },
});

export const viewTables = [workspacesTable, catalogueTable, resourcesTable, accountsTable, bindingsTable, historyTable, livenessTable];
