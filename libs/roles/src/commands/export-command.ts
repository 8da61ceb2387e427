import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Settings } from '#settings';
import type { Logger } from '#telemetry';
import { exportAccount, exportText, type ExportedItem } from '#upkeep';
import { House, type AccountActor } from '#workspace';
import { readKeys } from '../keys.ts';
import { openUpkeep } from '../open-upkeep.ts';

export type ExportOrder = {
  readonly settings: Settings;
  readonly pathOrCluster: string;
  readonly form: 'yaml' | 'json';
  readonly withSecrets: boolean;
  readonly withStatus: boolean;
  /** Called for what is left out where the form has no comments. */
  readonly remark: (leftOut: Extract<ExportedItem, { type: 'leftOut' }>) => void;
  /** Where it goes: a file, a folder with a file for each account, or a stream. */
  readonly to:
    | { readonly type: 'file'; readonly path: string }
    | { readonly type: 'folder'; readonly path: string }
    | { readonly type: 'stream'; readonly stream: NodeJS.WritableStream };
};

export type Exported = { readonly accounts: number; readonly objects: number; readonly leftOut: number };

/** Writes what one account's workspace holds, and with a folder what those below hold. Changes nothing. @throws Error that says what to do */
export async function exportAccounts(order: ExportOrder, logger: Logger): Promise<Exported> {
  const upkeep = await openUpkeep(order.settings, logger);
  const house = await readOnlyHouse(order.settings, upkeep).catch(async (failure: unknown) => {
    await upkeep.close();
    throw failure;
  });
  try {
    const account = await house.accounts.resolve(order.pathOrCluster);
    if (!account) throw new Error(`there is no workspace ${order.pathOrCluster}`);
    const counted = { accounts: 0, objects: 0, leftOut: 0 };
    const { to } = order;
    if (to.type === 'folder') await exportFamily({ house, account, order, counted }, resolve(to.path));
    else await exportOne({ house, account, order, counted }, to.type === 'file' ? resolve(to.path) : to.stream);
    return counted;
  } finally {
    await house.close();
    await upkeep.close();
  }
}

/** The name of an account's file in a folder of exports; the accounts below have folders of their own names. */
export const accountFile = (form: 'yaml' | 'json'): string => `account.${form}`;

type Job = {
  readonly house: House;
  readonly account: AccountActor;
  readonly order: ExportOrder;
  readonly counted: { -readonly [Count in keyof Exported]: number };
};

async function exportFamily(job: Job, folder: string): Promise<void> {
  const { house, account, order } = job;
  await mkdir(folder, { recursive: true });
  await exportOne(job, join(folder, accountFile(order.form)));
  for (const { name, deleting } of account.state.list('accounts.core.platform-mesh.io')) {
    const child = deleting ? undefined : await house.accounts.resolve(`${account.state.path}:${name}`);
    if (child) await exportFamily({ ...job, account: child }, join(folder, name));
  }
}

async function exportOne({ house, account, order, counted }: Job, to: string | NodeJS.WritableStream): Promise<void> {
  const { withSecrets, withStatus, form } = order;
  const items = exportAccount({ house, account, withSecrets, withStatus, withAccounts: order.to.type === 'folder' });
  counted.accounts += 1;
  const text = exportText(counting(items, order, counted), form);
  if (typeof to !== 'string') return pipeline(Readable.from(headed(text, account, form)), to, { end: false });
  await mkdir(dirname(to), { recursive: true });
  // What is half written has another name.
  const part = `${to}.part`;
  try {
    await pipeline(Readable.from(headed(text, account, form)), createWriteStream(part, { mode: 0o600 }));
    await rename(part, to);
  } catch (failure) {
    await rm(part, { force: true });
    throw failure;
  }
}

async function* headed(text: AsyncIterable<string>, { state, position }: AccountActor, form: 'yaml' | 'json'): AsyncGenerator<string> {
  if (form === 'yaml')
    yield `# The workspace ${state.path} as of resourceVersion ${position}. tributary import and kubectl apply take it.\n`;
  yield* text;
}

async function* counting(items: AsyncIterable<ExportedItem>, order: ExportOrder, counted: Job['counted']): AsyncGenerator<ExportedItem> {
  for await (const item of items) {
    counted[item.type === 'object' ? 'objects' : 'leftOut'] += 1;
    if (item.type === 'leftOut' && order.form === 'json') order.remark(item);
    yield item;
  }
}

/** Sees the log as it is when an account is asked for, and leaves nothing behind: no events, no snapshots. */
async function readOnlyHouse(settings: Settings, upkeep: Awaited<ReturnType<typeof openUpkeep>>): Promise<House> {
  const keys = await readKeys({ settings, store: upkeep.keyStore });
  const { log, archive, snapshots: kept } = upkeep;
  const snapshots = { load: (stream: string) => kept.load(stream), save: async () => undefined, remove: async () => undefined };
  return new House({ log, archive, snapshots, keys, soleWriter: true, publicUrl: '', offers: async () => [] });
}
