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

/** A recorded event of an account: at hand where this process wrote it just now. */
export function eventOf({ data, decoded }: Recorded): AccountEvent {
  return (decoded as AccountEvent | undefined) ?? decodeEvent(data);
}

type Recorded = { readonly data: string; readonly decoded?: unknown };

/** The event without its object, for those who only look whether it concerns them. Quotes inside strings are escaped, so the cut is exact. */
export function eventHeadOf({ data, decoded }: Recorded): { readonly [Field in 'uid' | 'key' | 'provider']?: ChangeHead[Field] } {
  if (decoded) return decoded as Partial<ChangeHead>;
  const end = data.indexOf(',"object":');
  return JSON.parse(end < 0 ? data : `${data.slice(0, end)}}`) as ChangeHead;
}

type ChangeHead = Extract<AccountEvent, { readonly object: unknown }>;
