import { EntitySchema } from 'typeorm';
import type { CatalogueRow, WorkspaceRow } from '#projection';

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
