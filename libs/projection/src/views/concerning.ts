import { eventHeadOf } from '#account';
import type { RecordedEvent } from '#stream';

/** Whether an event may be about an object of this resource: what was just written says so, in a text the word is looked for. */
export function mayConcern({ data, decoded }: RecordedEvent, resource: string): boolean {
  return decoded === undefined ? data.includes(`"resource":"${resource}"`) : eventHeadOf({ data, decoded }).key?.resource === resource;
}
