import { setTimeout as wait } from 'node:timers/promises';
import { noRevision, type CheckpointStore, type EventArchive, type EventLog, type RecordedEvent, type SnapshotStore } from '#stream';
import { hop, type Logger } from '#telemetry';
import { clusterOfStream, isAccountStream, sideStreamOf, streamOf } from '#account';
import type { House } from '#workspace';
import { keepFollowing } from './following.ts';

export type BurialOptions = {
  readonly house: House;
  readonly log: EventLog;
  readonly checkpoints: CheckpointStore;
  readonly snapshots: Pick<SnapshotStore, 'remove'>;
  readonly archive: Pick<EventArchive, 'remove'>;
  /** Who follows the whole log: what they have not seen yet is not removed. */
  readonly followers: readonly string[];
  /** Removes what others keep of an account, by the name of its cluster. Doing it twice does it once. */
  readonly remains: (cluster: string) => Promise<void>;
  readonly logger: Logger;
};

/** An account whose workspace is closed. `position` is that of its last event, `before` the one before: a log takes back only positions that it has told. */
type Gone = { readonly cluster: string; readonly revision: bigint; readonly position: bigint; readonly before: bigint };

const follower = 'burial';
const lookEveryMs = 500;

/**
 * Removes what is left of accounts that are gone, as soon as everybody who follows the log has seen them go: their events, snapshots,
 * archived events, keys, and what others keep. Of a stream, its last event stays, which says nothing but that the workspace was closed.
 */
export async function runBurial(options: BurialOptions): Promise<{ readonly stop: () => Promise<void> }> {
  const { log, checkpoints, followers, logger } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  const waiting: Gone[] = [];
  let seen = await checkpoints.load(follower);
  let saved = seen;

  const follow = async (): Promise<void> => {
    for await (const batch of log.subscribeAll(seen, signal)) {
      for (const recorded of batch) {
        if (isEnd(recorded)) waiting.push(goneOf(recorded, seen));
        seen = recorded.position;
      }
    }
  };
  const look = async (): Promise<void> => {
    if (waiting.length > 0) {
      const passed = await checkpoints.lowest(followers);
      for (let [gone] = waiting; gone && gone.position <= passed && !signal.aborted; [gone] = waiting) {
        await bury(options, gone);
        waiting.shift();
      }
    }
    const reached = waiting[0]?.before ?? seen;
    if (reached === saved) return;
    await checkpoints.save(follower, reached);
    saved = reached;
  };
  const looking = async (): Promise<void> => {
    while (!signal.aborted) {
      await look().catch((failure: unknown) => logger.warn({ err: failure }, 'accounts that are gone cannot be removed now'));
      await wait(lookEveryMs, undefined, { signal }).catch(() => undefined);
    }
  };
  const running = Promise.all([keepFollowing(follow, signal, logger), looking()]);
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

const isEnd = ({ type, stream }: RecordedEvent): boolean => type === 'WorkspaceClosed' && isAccountStream(stream);

const goneOf = ({ stream, revision, position }: RecordedEvent, before: bigint): Gone => ({
  cluster: clusterOfStream(stream),
  revision,
  position,
  before,
});

/** Keys first: without them nothing else that was secret can be read. */
function bury({ house, log, snapshots, archive, remains, logger }: BurialOptions, { cluster, revision }: Gone): Promise<void> {
  return hop('policy/run-burial.ts', { workspace: cluster }, async () => {
    await house.accounts.keys.destroyAll(cluster);
    await remains(cluster);
    await snapshots.remove(streamOf(cluster));
    await archive.remove(streamOf(cluster));
    await log.truncate(streamOf(cluster), revision);
    const side = sideStreamOf(cluster);
    await snapshots.remove(side);
    const end = await log.head(side);
    if (end !== noRevision) await log.truncate(side, end);
    logger.info({ workspace: cluster }, 'an account is gone, and all that was left of it');
  });
}
