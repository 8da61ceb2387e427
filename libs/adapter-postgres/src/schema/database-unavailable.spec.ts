import pg from 'pg';
import { expect, it } from 'vitest';
import { DatabaseUnavailable } from './database-unavailable.ts';

const url = 'postgres://ada:s3cret@db:5432/tributary?sslmode=disable';
const coded = (code: string, message = '') => Object.assign(new Error(message), { code });
const refusal = (code: string, message: string) => Object.assign(new pg.DatabaseError(message, 0, 'error'), { code });

it.each([
  ['a port that refuses', coded('ECONNREFUSED', 'connect ECONNREFUSED 127.0.0.1:1'), true],
  ['a name with several addresses', Object.assign(new AggregateError([], ''), { code: 'ECONNREFUSED' }), true],
  ['a name that is not known yet', coded('ENOTFOUND', 'getaddrinfo ENOTFOUND db'), true],
  ['a server that starts', refusal('57P03', 'the database system is starting up'), true],
  ['a connection that breaks off', new Error('Connection terminated unexpectedly'), true],
  ['a wrong password', refusal('28P01', 'password authentication failed for user "ada"'), false],
  ['no such database', refusal('3D000', 'database "tributary" does not exist'), false],
  ['a server without TLS', new Error('The server does not support SSL connections'), false],
])('says where it looked and why, without the password; %s', (_, cause, mayCome) => {
  const failure = new DatabaseUnavailable(url, cause);
  expect(failure.message).toMatch(/^DATABASE_URL: PostgreSQL at db:5432\/tributary cannot be used: ./);
  expect(`${failure.message}${failure.stack}`).not.toContain('s3cret');
  expect(failure.mayCome).toBe(mayCome);
});
