import { statusOf, type ObjectRecord } from '#account';
import type { CreateRequest, PatchRequest, WriteOutcome } from '../workspaces.ts';
import { stored, type VerbContext } from './verb-context.ts';

const patienceMs = 250;

/**
 * A binding that can be decided at once is answered when it is decided: tools that bind and order in two waves then
 * find the API served. After a quarter of a second it is answered as it stands.
 */
export async function awaitBound(
  { account }: VerbContext,
  request: CreateRequest | PatchRequest,
  outcome: WriteOutcome,
): Promise<WriteOutcome> {
  const { kind, version, dryRun } = request;
  if (kind.resource !== 'apibindings' || kind.group !== 'apis.kcp.io' || dryRun || outcome.type === 'refused' || !outcome.created)
    return outcome;
  const { uid } = outcome.object;
  await new Promise<void>((resolve) => {
    const done = () => {
      clearTimeout(timer);
      unfollow();
      resolve();
    };
    const timer = setTimeout(done, patienceMs);
    const unfollow = account.follow(() => {
      if (isDecided(account.state.findByUid(uid))) done();
    });
    if (isDecided(account.state.findByUid(uid))) done();
  });
  const record = account.state.findByUid(uid);
  return record ? { ...outcome, object: stored(record, kind, version) } : outcome;
}

function isDecided(record: ObjectRecord | undefined): boolean {
  return record === undefined || statusOf(record.object)['observedGeneration'] !== undefined;
}
