import { availableParallelism } from 'node:os';
import { setFlagsFromString } from 'node:v8';

/** With fewer processors than this, PostgreSQL and this process want all of them. */
const processorsMin = 4;

/**
 * V8 collects what is young with several threads at once, and pauses until the last of them is done. Where these have to wait for
 * processors, one thread is done sooner, and takes less from others.
 */
export function collectAloneOnFew(processors = availableParallelism()): void {
  if (processors < processorsMin) setFlagsFromString('--no-parallel-scavenge');
}
