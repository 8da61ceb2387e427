import { describe, expect, it } from 'vitest';
import { decodeEvent, encodeEvent, eventHeadOf, eventOf } from './event-codec.ts';
import { gadgetDeclared, by } from './testing/given.ts';
import type { AccountEvent } from './events.ts';

describe('an event as text', () => {
  const tricky: AccountEvent = {
    ...gadgetDeclared({ labels: { a: ',"object":' } }),
    by: { ...by, userAgent: 'x,"object":{"y":1}' },
  } as AccountEvent;

  it.each<[string, AccountEvent]>([
    ['an order', gadgetDeclared()],
    ['a workspace', { type: 'WorkspaceOpened', cluster: 'c', path: 'root', owner: null, by }],
    ['texts that look like a field', tricky],
  ])('comes back as it was: %s', (_, event) => expect(decodeEvent(encodeEvent(event))).toEqual(event));

  it('has a head that can be read without its object', () => {
    const { object: _, ...head } = tricky as Extract<AccountEvent, { object: unknown }>;
    expect(eventHeadOf({ data: encodeEvent(tricky) })).toEqual(head);
  });

  it('is not parsed where its writer hands it on', () => {
    expect(eventOf({ data: 'not read', decoded: tricky })).toBe(tricky);
    expect(eventHeadOf({ data: 'not read', decoded: tricky })).toMatchObject({ key: { resource: 'gadgets' } });
    expect(eventOf({ data: encodeEvent(tricky), decoded: undefined })).toEqual(tricky);
  });
});
