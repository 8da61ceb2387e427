import { gauge, histogram } from '#telemetry';

/** Over all actors of the process: one number, so that counting costs nothing. */
export const queued = { intents: 0 };
gauge({ name: 'tributary_actor_queue_depth', help: 'Intents that wait for their turn, over all streams in memory.' }).track(
  {},
  () => queued.intents,
);

export const batchEvents = histogram({
  name: 'tributary_actor_batch_events',
  help: 'Events that one stream appended together.',
  buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512],
});
export const appendSeconds = histogram({
  name: 'tributary_log_append_seconds',
  help: 'Time until an append was durable, or refused because another process was faster.',
  buckets: [0.0005, 0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.125, 0.25, 0.5, 1, 2, 5, 10],
});
