import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Settings } from '#settings';
import { importObjects, readObjects, type ImportedItem } from '#upkeep';
import { accountFile } from './export-command.ts';
import { readDoor, WorkspaceClient } from './workspace-client.ts';

export type ImportOrder = {
  readonly settings: Pick<Settings, 'dataFolder'>;
  /** A file, a folder of exports, or `-` for the standard input. */
  readonly from: string;
  readonly into: string;
  readonly kubeconfigFile: string | undefined;
  readonly dryRun: boolean;
};

/** What was done with an object, and in which workspace. */
export type Told = ImportedItem & { readonly workspace: string };

/** Brings exported objects into a workspace of a running server, which checks and records them as anybody's. @throws Error that says what to do */
export async function importAccounts(
  { settings, from, into, kubeconfigFile, dryRun }: ImportOrder,
  report: (told: Told) => void,
): Promise<void> {
  const door = await readDoor(kubeconfigFile ?? join(settings.dataFolder, 'admin.kubeconfig'));
  const client = new WorkspaceClient(door, into);
  try {
    if (!(await client.isOpen())) throw new Error(`there is no workspace ${into}`);
    const isFolder = from !== '-' && (await stat(from)).isDirectory();
    if (isFolder) await importFamily({ client, dryRun, report }, resolve(from));
    else await importOne({ client, dryRun, report }, from === '-' ? process.stdin : createReadStream(from));
  } finally {
    client.close();
  }
}

type Job = { readonly client: WorkspaceClient; readonly dryRun: boolean; readonly report: (told: Told) => void };

const openMsMax = 30_000;

async function importFamily(job: Job, folder: string): Promise<void> {
  const { client, dryRun, report } = job;
  const entries = await readdir(folder, { withFileTypes: true });
  const file = [accountFile('yaml'), accountFile('json')].find((name) => entries.some((entry) => entry.name === name));
  if (file === undefined) throw new Error(`there is neither ${accountFile('yaml')} nor ${accountFile('json')} in ${folder}`);
  await importOne(job, createReadStream(join(folder, file)));
  for (const { name } of entries.filter((entry) => entry.isDirectory()).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const child = client.below(`${client.path}:${name}`);
    if (await isOpened(child, dryRun ? 0 : openMsMax)) await importFamily({ ...job, client: child }, join(folder, name));
    else
      report({
        type: dryRun ? 'unchecked' : 'refused',
        what: `the account ${name}`,
        workspace: child.path,
        reason: dryRun ? 'its workspace is not there yet' : 'its workspace has not been opened',
      });
  }
}

const importOne = ({ client, dryRun, report }: Job, chunks: AsyncIterable<string | Buffer>): Promise<void> =>
  importObjects(readObjects(chunks), { target: client, dryRun, report: (item) => report({ ...item, workspace: client.path }) });

async function isOpened(client: WorkspaceClient, msMax: number): Promise<boolean> {
  for (const deadline = performance.now() + msMax; ;) {
    if (await client.isOpen()) return true;
    if (performance.now() >= deadline) return false;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
