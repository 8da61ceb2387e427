import pg from 'pg';
import { expect, it } from 'vitest';
import { failureOf } from './outage.ts';

const answered = (code: string): pg.DatabaseError => Object.assign(new pg.DatabaseError('', 0, 'error'), { code });

it.each([
  ['a socket that broke', new Error('Connection terminated unexpectedly'), 'lost'],
  ['an answer that did not come', new Error('Query read timeout'), 'lost'],
  ['a server that was killed', answered('57P01'), 'lost'],
  ['a pooler that has lost its server', answered('08P01'), 'lost'],
  ['a transaction that was given up because nobody went on with it', answered('25P03'), 'lost'],
  ['a transaction that was given up because it took too long', answered('25P04'), 'lost'],
  ['a disk that is full', answered('53100'), 'unavailable'],
  ['a statement that is wrong', answered('42601'), 'fault'],
] as const)('%s', (_, error, failure) => expect(failureOf(error)).toBe(failure));
