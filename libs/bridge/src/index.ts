export { Backoff } from './backoff.ts';
export { CheckpointLost, type ChannelCheckpoint, type ChannelStore } from './channel-store.ts';
export {
  ChannelFenced,
  replayHeader,
  TopicsRefused,
  type Channel,
  type ParkedRecord,
  type StatusRecord,
  type TopicMismatch,
  type TopicsOutcome,
} from './channel.ts';
export { clearedLetter, deadLetter, stillParked } from './dead-letter.ts';
export { InProcessChannel } from './in-process-channel.ts';
export type { Pump, PumpHealth, PumpState } from './pump-health.ts';
export type { ReportPort } from './report-port.ts';
export type { ProviderReport, ReportOutcome } from '#workspace';
export { runBridge, type Bridge, type BridgeHealth, type BridgeOptions } from './run-bridge.ts';
export { runSpecPump, type SpecPumpOptions } from './spec-pump.ts';
