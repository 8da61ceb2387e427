import { expect, test } from 'vitest';
import { base64Fault } from './base64-fault.ts';

// The answers of Go's encoding/base64.
test.each<[string, number | undefined]>([
  ['', undefined],
  ['YQ==', undefined],
  ['YWI=', undefined],
  ['YWJj', undefined],
  ['YW\nJj\r\n', undefined],
  ['YWI=\n', undefined],
  ['a', 0],
  ['YWJjZ', 4],
  ['YWJjZG', 4],
  ['YW!j', 2],
  ['=', 0],
  ['Y===', 1],
  ['YQ=', 3],
  ['YQ=a', 2],
  ['YQ==YQ==', 4],
  ['YWI=YWI=', 4],
  ['hunter2!', 7],
])('%j', (text, fault) => expect(base64Fault(text)).toBe(fault));
