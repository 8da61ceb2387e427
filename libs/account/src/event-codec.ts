import { parseJson } from '#json';
import { eventVersions, upcast, type WrittenEvent } from './event-versions.ts';
import type { AccountEvent, ObjectEvent } from './events.ts';
import { holdsSecrets, joined, parted, sharedFields, type Seals } from './sealing.ts';
import { textOf } from './text-of.ts';

/**
 * The event as JSON text. The object's own text is spliced in, so that it is made once for the event and every reader.
 * Secrets stand in it sealed, behind everything else.
 */
export function encodeEvent(unmarked: AccountEvent, seals?: Seals): string {
  const v = eventVersions[unmarked.type];
  const event = v === 1 ? unmarked : { ...unmarked, v };
  if (!('object' in event)) return JSON.stringify(event);
  const { object, ...rest } = event;
  const head = JSON.stringify(rest).slice(0, -1);
  const halves = holdsSecrets(event) ? parted(object, event) : undefined;
  if (!halves) return `${head},"object":${textOf(object)}}`;
  const sealed = seals?.seal(event.uid, halves.secret);
  if (sealed === undefined) throw new Error('secrets are written sealed or not at all');
  return `${head},"object":${JSON.stringify(halves.open)},"sealed":${JSON.stringify(sealed)}}`;
}

/** The event that `encodeEvent` wrote. Its object is without secrets for whoever cannot open them, and where their key is destroyed. */
export function decodeEvent(data: string, seals?: Pick<Seals, 'open'>): AccountEvent {
  const event = upcast(parseJson(data) as WrittenEvent) as AccountEvent & { readonly sealed?: string };
  if (!('object' in event)) return event;
  if (event.sealed === undefined && event.secretFields === undefined) return event;
  const { sealed, ...rest } = event;
  const open = rest.secretFields === undefined ? rest : { ...rest, secretFields: sharedFields(rest.secretFields) };
  if (sealed === undefined) return open;
  const secret = seals?.open(open.uid, sealed);
  return secret === undefined ? open : { ...open, object: joined(open.object, secret) };
}

/** Whose key opens this event's secrets; undefined where it has none. One look at a character for nearly all events. */
export function sealedUidOf(data: string): string | undefined {
  // Where nothing is sealed, the end is that of the object, or of the author.
  return data.endsWith('"}') ? eventHeadOf({ data }).uid : undefined;
}

/** A recorded event of an account: at hand where this process wrote it just now. */
export function eventOf({ data, decoded }: Recorded): AccountEvent {
  return (decoded as AccountEvent | undefined) ?? decodeEvent(data);
}

type Recorded = { readonly data: string; readonly decoded?: unknown };

/** The event without its object, for those who only look whether it concerns them. Quotes inside strings are escaped, so the cut is exact. */
export function eventHeadOf({ data, decoded }: Recorded): {
  readonly [Field in 'uid' | 'key' | 'provider' | 'by' | 'secretFields']?: ObjectEvent[Field];
} {
  if (decoded) return decoded as Partial<ObjectEvent>;
  const end = data.indexOf(',"object":');
  return JSON.parse(end < 0 ? data : `${data.slice(0, end)}}`) as ObjectEvent;
}
