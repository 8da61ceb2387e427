import type { AccountEvent } from '#account';
import { secrets, serviceAccountOf, type House } from '#workspace';
import { policyAuthor, type Where } from './reaction.ts';

type Removed = Extract<AccountEvent, { type: 'ResourceRemoved' }>;

/** A ServiceAccount is gone: the Secrets that hold its tokens go too. */
export async function removeTokens(house: House, { key, uid }: Pick<Removed, 'key' | 'uid'>, { cluster, cause }: Where): Promise<void> {
  const account = await house.accounts.account(cluster);
  await account.settled();
  const orphans = account.state.list('secrets').filter(({ namespace, object }) => {
    const owner = serviceAccountOf(object);
    return namespace === key.namespace && owner?.name === key.name && owner.uid === uid;
  });
  if (orphans.length === 0) return;
  const workspace = await house.open(cluster);
  const { user, userAgent, fieldManager } = policyAuthor(house, cause);
  const author = { user, userAgent, fieldManager, cause, groups: [] };
  for (const orphan of orphans) {
    const { namespace, name } = orphan;
    const request = { kind: secrets, version: 'v1', namespace, name, author, dryRun: false, preconditions: { uid: orphan.uid } };
    await workspace?.delete(request);
  }
}
