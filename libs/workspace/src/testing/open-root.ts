import { openWorkspace } from '#account';
import type { KubeObject } from '#kube';
import { MemoryEventLog } from '#stream';
import { House, type HouseOptions } from '../house.ts';
import { namespaces } from '../kinds/tenancy-kinds.ts';
import type { Author, Workspace } from '../workspaces.ts';

/** A house, over a log of its own in memory unless told otherwise, and its root workspace with these namespaces. */
export async function openRoot(options: Partial<HouseOptions> = {}, names: readonly string[] = []): Promise<OpenRoot> {
  const log = new MemoryEventLog();
  const house = new House({ log, soleWriter: true, publicUrl: 'https://mesh.test', offers: async () => [], ...options });
  const root = await house.accounts.account('root');
  await root.submit((state) => openWorkspace({ cluster: 'root', path: 'root', owner: null, furniture: [], by }, state));
  const workspace = await house.open('root');
  if (!workspace) throw new Error('root is open');
  for (const name of names) {
    const body: KubeObject = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
    const write = { version: 'v1', author: ada, dryRun: false, fieldValidation: 'Strict' as const, duplicateFields: [] };
    await workspace.create({ ...write, kind: namespaces, namespace: '', body });
  }
  return { house, workspace };
}

export type OpenRoot = { readonly house: House; readonly workspace: Workspace };

/** Who writes in specs. */
export const ada: Author = { user: 'ada', groups: [], userAgent: 'spec', fieldManager: 'spec', cause: 'spec' };
const by = { user: 'ada', userAgent: 'spec', fieldManager: 'spec', at: '2026-01-01T00:00:00.000Z', cause: 'spec' };
