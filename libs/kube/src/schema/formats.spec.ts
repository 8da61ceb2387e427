import { describe, expect, it } from 'vitest';
import { formatOf } from './formats.ts';

const rows: readonly (readonly [format: string, accepted: readonly string[], refused: readonly string[]])[] = [
  ['bsonobjectid', ['507f1f77bcf86cd799439011'], ['507f1f77bcf86cd79943901', 'x']],
  ['uri', ['http://a.b/c?d=e', '/path', 'urn:a:b', 'mailto:a@b'], ['', 'relative', 'http://a b', '/%zz']],
  ['email', ['a@b', 'Name <a.b@c.de>', '"odd local"@x.y'], ['a', '@b', 'a@', 'a@b c', 'a..b@c']],
  ['hostname', ['a', 'a-b.example', '1a.de', 'xn--a.com'], ['', '-a', 'a_b', 'a.b-', `${'a'.repeat(64)}.de`]],
  ['ipv4', ['1.2.3.4', '010.0.0.1'], ['1.2.3', '1.2.3.256', '::1', 'a']],
  ['ipv6', ['::1', 'fe80::1'], ['1.2.3.4', 'fe80::1%eth0', ':::']],
  ['cidr', ['10.0.0.0/8', 'fe80::/10'], ['10.0.0.0', '10.0.0.0/33', 'x/8', '1.1.1.1/8/8']],
  ['mac', ['01:23:45:67:89:ab', '01-23-45-67-89-AB', '0123.4567.89ab', '01:23:45:67:89:ab:cd:ef'], ['01:23:45:67:89', '01:23-45:67:89:ab']],
  ['uuid', ['6ba7b810-9dad-11d1-80b4-00c04fd430c8', '6BA7B8109DAD11D180B400C04FD430C8'], ['6ba7b810']],
  ['uuid3', ['6ba7b810-9dad-31d1-80b4-00c04fd430c8'], ['6ba7b810-9dad-41d1-80b4-00c04fd430c8']],
  ['uuid4', ['6ba7b810-9dad-41d1-80b4-00c04fd430c8'], ['6ba7b810-9dad-41d1-00b4-00c04fd430c8']],
  ['uuid5', ['6ba7b810-9dad-51d1-80b4-00c04fd430c8'], ['6ba7b810-9dad-41d1-80b4-00c04fd430c8']],
  ['isbn', ['0321751043', '978-0321751041'], ['0321751044', '978-0321751042']],
  ['isbn10', ['0321751043'], ['978-0321751041']],
  ['isbn13', ['978-0321751041'], ['0321751043']],
  ['creditcard', ['4111-1111-1111-1111'], ['4111-1111-1111-1112', '1']],
  ['ssn', ['123-45-6789', '123 45 6789'], ['123456789', 'a']],
  ['hexcolor', ['#fff', 'FFFFFF'], ['#ff', 'ggg']],
  ['rgbcolor', ['rgb(0, 128,255)'], ['rgb(0,0,256)', 'rgb(00,0,0)']],
  ['byte', ['aGk=', 'YWJj'], ['', 'a', 'a===', 'aGk']],
  ['password', ['', 'x'], []],
  ['date', ['2024-02-29'], ['2023-02-29', '2024-13-01', '24-1-1']],
  ['date-time', ['2014-12-15T19:30:20.000Z', '2014-12-15t19:30:20+01:00'], ['2014-12-15', '2014-12-15T24:00:00Z', '2014-12-15T19:30:20']],
  ['duration', ['1h30m', '22 ns', '3 days', '-1.5s', '0'], ['', '1', 'x', '1 parsec']],
];

describe('the format', () => {
  it.each(rows)('%s', (name, accepted, refused) => {
    const format = formatOf(name);
    expect(accepted.filter((text) => format?.accepts(text) !== true)).toEqual([]);
    expect(refused.filter((text) => format?.accepts(text) !== false)).toEqual([]);
  });

  it.each(['int32', 'int64', 'float', 'double', 'whatever'])('%s is not checked', (name) => {
    expect(formatOf(name)).toBeUndefined();
  });
});
