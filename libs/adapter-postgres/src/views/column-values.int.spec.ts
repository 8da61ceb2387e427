import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import pg from 'pg';
import { JsonText } from '#projection';
import { testPostgres } from '../testing/test-postgres.ts';
import { carriageOf, columnArray } from './column-values.ts';

let client: pg.Client;
beforeAll(async () => {
  client = new pg.Client({ connectionString: (await testPostgres()).url });
  await client.connect();
}, 60_000);
afterAll(() => client.end());

async function stored(column: string, ...values: readonly unknown[]): Promise<unknown[]> {
  const carriage = carriageOf('resources', column);
  const text = `SELECT given${carriage.cast} AS value FROM unnest($1::${carriage.array}) AS given`;
  const { rows } = await client.query<{ value: unknown }>(text, [columnArray(carriage, values)]);
  return rows.map(({ value }) => value);
}

const long = 'ä'.repeat(70);

describe('the values of a column', () => {
  it.each([
    [
      'name',
      ['plain', '', 'ä', '漢字', '😀', long, 'x'.repeat(49), null, undefined],
      ['plain', '', 'ä', '漢字', '😀', long, 'x'.repeat(49), null, null],
    ],
    ['name', ['a\0b', '\ud800', `${long}\0\udc00`], ['a\ufffdb', '\ufffd', `${long}\ufffd\ufffd`]],
    ['position', [9_223_372_036_854_775_807n, 0n], ['9223372036854775807', '0']],
    ['generation', [3, null], ['3', null]],
    ['owners', [[], ['a', '"b\\', 'c,{}', '', 'NULL', 'ä\0']], [[], ['a', '"b\\', 'c,{}', '', 'NULL', 'ä\ufffd']]],
    ['labels', [{ a: '"ä"' }, null], [{ a: '"ä"' }, null]],
    [
      'object',
      [new JsonText({ n: 9_007_199_254_740_993n, t: 'a\0\ud800\\u0000' }), new JsonText({})],
      [{ n: 9_007_199_254_740_992, t: 'a\ufffd\ufffd\\u0000' }, {}],
    ],
    ['created', ['2026-11-23T08:00:00.123456Z', null], [new Date('2026-11-23T08:00:00.123Z'), null]],
    ['words', ['web eu west', ''], [`'eu' 'web' 'west'`, '']],
  ])('of %s are what they were, as far as PostgreSQL can keep them', async (column, values, expected) => {
    expect(await stored(column, ...values)).toEqual(expected);
  });

  it('are taken of known columns only', () => {
    expect(() => carriageOf('resources', 'colour')).toThrow('the view resources has no column colour');
  });
});
