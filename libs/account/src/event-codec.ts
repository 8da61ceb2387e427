import type { AccountEvent } from './events.ts';
import { textOf } from './text-of.ts';

/** The event as JSON text. The object's own text is spliced in, so that it is made once for the event and every reader. */
export function encodeEvent(event: AccountEvent): string {
  if (!('object' in event)) return JSON.stringify(event);
  const { object, ...rest } = event;
  return `${JSON.stringify(rest).slice(0, -1)},"object":${textOf(object)}}`;
}

/** The event that `encodeEvent` wrote. */
export function decodeEvent(data: string): AccountEvent {
  return JSON.parse(data) as AccountEvent;
}
