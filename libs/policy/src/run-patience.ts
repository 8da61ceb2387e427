import { clusterOfStream, eventHeadOf, eventOf, isAccountStream, noteSilence, statusOf, type AccountEvent } from '#account';
import type { ResourceKey } from '#kube';
import type { CheckpointStore, EventLog, RecordedEvent } from '#stream';
import type { Logger } from '#telemetry';
import type { House } from '#workspace';
import { keepFollowing } from './following.ts';
import { policyAuthor } from './reaction.ts';

export type PatienceOptions = {
  readonly house: House;
  readonly log: EventLog;
  readonly checkpoints: CheckpointStore;
  readonly logger: Logger;
  /** How long a provider may take for an answer before its silence is shown. */
  readonly patienceSeconds?: number;
};

/** `before`: the position before the order's. A log takes back only positions that it has told. */
type Unanswered = {
  readonly cluster: string;
  readonly key: ResourceKey;
  readonly position: bigint;
  readonly before: bigint;
  readonly deadline: number;
};

const follower = 'patience';
const lookEveryMs = 500;

/**
 * Shows on an instance that its provider is silent. What waits for an answer is kept in memory only: the checkpoint
 * stays before the oldest of it, which is never older than the patience, so that a start finds it again.
 */
export async function runPatience({
  house,
  log,
  checkpoints,
  logger,
  patienceSeconds = 60,
}: PatienceOptions): Promise<{ readonly stop: () => Promise<void> }> {
  const stopping = new AbortController();
  const unanswered = new Map<string, Unanswered>();
  let seen = await checkpoints.load(follower);
  let saved = seen;
  let failing = false;

  const follow = async (): Promise<void> => {
    for await (const batch of log.subscribeAll(seen, stopping.signal)) {
      for (const recorded of batch) {
        take(recorded, unanswered, { before: seen, deadline: performance.now() + patienceSeconds * 1000 });
        seen = recorded.position;
      }
    }
  };
  const look = async (): Promise<void> => {
    const now = performance.now();
    // In order of their deadlines: each was put in behind those before it.
    for (const [uid, order] of unanswered) {
      if (order.deadline > now) break;
      await showSilence(house, uid, order, patienceSeconds);
      unanswered.delete(uid);
    }
    const [oldest] = unanswered.values();
    const reached = oldest?.before ?? seen;
    if (reached === saved) return;
    await checkpoints.save(follower, reached);
    saved = reached;
  };
  let looking: Promise<void> | undefined;
  const timer = setInterval(() => {
    looking ??= look()
      .then(() => (failing = false))
      .catch((failure: unknown) => {
        if (!failing) logger.warn({ err: failure }, 'a silent provider cannot be shown now');
        failing = true;
      })
      .then(() => (looking = undefined));
  }, lookEveryMs);
  const running = keepFollowing(follow, stopping.signal, logger);

  return {
    async stop() {
      clearInterval(timer);
      stopping.abort();
      await running;
      await looking;
    },
  };
}

async function showSilence(house: House, uid: string, { cluster, key, position }: Unanswered, waitedSeconds: number): Promise<void> {
  const account = await house.accounts.account(cluster);
  await account.settled();
  const by = policyAuthor(house, `silence@${position}`);
  const kind = (await house.kindsOf(account)).find(({ group, resource }) => group === key.group && resource === key.resource);
  if (kind) await account.submit((state) => noteSilence({ key, uid, kind, waitedSeconds, by }, state));
}

const talkedOf: ReadonlySet<string> = new Set<AccountEvent['type']>([
  'ResourceDeclared',
  'SpecRevised',
  'StatusReported',
  'DeletionRequested',
  'ResourceRemoved',
]);

/** An order begins the wait; an answer to its newest generation, or its end, ends it. */
function take(recorded: RecordedEvent, unanswered: Map<string, Unanswered>, wait: Pick<Unanswered, 'before' | 'deadline'>): void {
  const { stream, type, position } = recorded;
  if (!isAccountStream(stream) || !talkedOf.has(type)) return;
  const isOrder = type === 'ResourceDeclared' || type === 'SpecRevised';
  if (!isOrder && unanswered.size === 0) return;
  const { provider, key, uid } = eventHeadOf(recorded);
  if (provider === undefined || key === undefined || uid === undefined) return;
  if (type === 'StatusReported' && !(unanswered.has(uid) && answersNewest(recorded))) return;
  unanswered.delete(uid);
  if (isOrder) unanswered.set(uid, { cluster: clusterOfStream(stream), key, position, ...wait });
}

function answersNewest(recorded: RecordedEvent): boolean {
  const event = eventOf(recorded);
  return 'object' in event && statusOf(event.object)['observedGeneration'] === (event.object.metadata.generation ?? 1);
}
