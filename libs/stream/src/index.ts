export { accept, refuse } from './decision.ts';
export type { Decision } from './decision.ts';
export { LogUnavailable, noRevision, StreamTruncated } from './event-log.ts';
export type { AppendResult, EventLog, NewEvent, RecordedEvent } from './event-log.ts';
export type { CheckpointStore, Snapshot, SnapshotStore } from './stores.ts';
export { StreamActor, type ActorFold, type ActorOptions, type ActorOutcome, type Committed } from './stream-actor.ts';
