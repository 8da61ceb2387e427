import { EntitySchema } from 'typeorm';
import type { CatalogueRow, ResourceRow, WorkspaceRow } from '#projection';

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

export const resourcesTable = new EntitySchema<ResourceRow>({
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
