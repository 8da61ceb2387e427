import { expect, test } from 'vitest';
import { outageStatus } from './outage-status.ts';

const failed = (name: string) => outageStatus(Object.assign(new Error(`what ${name} says`), { name }));

test('outages that a client can do something about are told in their own words, faults of the server are not', () => {
  expect(failed('KeyGone')).toMatchObject({ code: 500, reason: 'InternalError', message: 'Internal error occurred: what KeyGone says' });
  expect(failed('LogUnavailable')).toMatchObject({ code: 503, reason: 'ServiceUnavailable' });
  expect(failed('AppendTooLarge')).toMatchObject({ code: 413, reason: 'RequestEntityTooLarge' });
  expect(failed('ConversionFailed')).toMatchObject({ code: 500, message: 'what ConversionFailed says' });
  const fault = failed('TypeError');
  expect(fault).toMatchObject({ code: 500, reason: 'InternalError' });
  expect(fault.message).not.toContain('TypeError');
});
