import type { CheckpointStore } from '#stream';
import type { Manifest } from './manifest.ts';

/** Where an installation's orders go beside its own store. */
export type Topics = {
  readonly prefix: string;
  /** The name of the checkpoint that tells that orders have gone there. */
  readonly follower: string;
};

const mark = 'topics left behind: ';
/** Of backups that do not say: what a prefix is when nobody chooses one. */
const prefixDefault = 'tributary';

/**
 * Providers behind the topics of a backed-up installation have seen what is not there any more, or at other positions: they would drop its
 * orders, and it would take their old reports for new. Answers the prefixes that must not be used again. @throws Error where `topics` uses one
 */
export function topicsToLeave({ checkpoints, topicPrefix = prefixDefault }: Manifest, isContinued: boolean, topics: Topics): string[] {
  const before = Object.keys(checkpoints).flatMap((name) => (name.startsWith(mark) ? [name.slice(mark.length)] : []));
  const left = checkpoints[topics.follower] === undefined || isContinued ? before : [...before, topicPrefix];
  if (left.includes(topics.prefix)) throw leftBehind(topics.prefix);
  return left;
}

/** Whoever starts here with one of these is refused. */
export async function leaveTopics(prefixes: readonly string[], checkpoints: Pick<CheckpointStore, 'save'>): Promise<void> {
  for (const prefix of prefixes) await checkpoints.save(`${mark}${prefix}`, 1n);
}

/** @throws Error where this installation was restored to something else than what providers behind these topics know */
export async function assertTopicsAreOwn(prefix: string, checkpoints: Pick<CheckpointStore, 'load'>): Promise<void> {
  if ((await checkpoints.load(`${mark}${prefix}`)) > 0n) throw leftBehind(prefix);
}

const leftBehind = (prefix: string): Error =>
  new Error(
    `providers behind the topics ${prefix}.… know another past than what is restored: name another --topic-prefix (TRIBUTARY_TOPIC_PREFIX) here, at every start, and to the providers`,
  );
