import { isSealed, type AccountEvent, type AccountState, type Refusal } from '#account';
import type { ServedKind } from '#kube';
import type { ActorOutcome, Decision } from '#stream';
import type { AccountActor } from '../account-actor.ts';

type New = { readonly kind: ServedKind; readonly uid: string };

/** Submits the creation of an object. One that is sealed in the log gets its key first, unless it would be refused anyway. */
export async function submitNew(
  account: AccountActor,
  { kind, uid }: New,
  decide: (state: AccountState) => Decision<AccountEvent, Refusal>,
): Promise<ActorOutcome<Refusal>> {
  if (!isSealed(kind)) return account.submit(decide);
  const trial = decide(account.state);
  if (trial.type === 'refused') return trial;
  await account.keys.make(uid);
  const outcome = await account.submit(decide);
  if (outcome.type === 'refused') await account.keys.destroy(uid);
  return outcome;
}
