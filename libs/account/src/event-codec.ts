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

/** The event without its object, for those who only look whether it concerns them. Quotes inside strings are escaped, so the cut is exact. */
export function decodeEventHead(data: string): { readonly [Field in 'uid' | 'key' | 'provider']?: ChangeHead[Field] } {
  const end = data.indexOf(',"object":');
  return JSON.parse(end < 0 ? data : `${data.slice(0, end)}}`) as ChangeHead;
}

type ChangeHead = Extract<AccountEvent, { readonly object: unknown }>;
