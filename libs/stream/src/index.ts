export { accept, refuse } from './decision.ts';
export type { Decision } from './decision.ts';
export { LogUnavailable, noRevision, StreamTruncated } from './event-log.ts';
export type { AppendResult, EventLog, NewEvent, RecordedEvent } from './event-log.ts';
export { LiveTail } from './live-tail.ts';
export type { ReadPast } from './live-tail.ts';
export { MemoryEventLog } from './memory-event-log.ts';
export { MemoryCheckpointStore, MemorySnapshotStore } from './memory-stores.ts';
export type { CheckpointStore, Snapshot, SnapshotStore } from './stores.ts';
export {
  StreamActor,
  type ActorFold,
  type ActorOptions,
  type ActorOutcome,
  type Committed,
  type CommittedListener,
} from './stream-actor.ts';
export { transact } from './transact.ts';
export type { Fold, Outcome } from './transact.ts';
