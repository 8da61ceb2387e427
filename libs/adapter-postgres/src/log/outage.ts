import pg from 'pg';
import { LogUnavailable } from '#stream';

/**
 * What a failed statement means. `lost`: the connection broke, and whether the statement took effect is unknown.
 * `unavailable`: the server refused it for its own reasons, nothing took effect. `fault`: the statement itself is wrong.
 */
export type Failure = 'lost' | 'unavailable' | 'fault';

export function failureOf(error: unknown): Failure {
  if (error instanceof LogUnavailable || error instanceof RangeError || error instanceof TypeError) return 'fault';
  // Without a SQLSTATE it never came from the server: sockets, time-outs, a client that was closed meanwhile.
  if (!(error instanceof pg.DatabaseError) || error.code === undefined) return 'lost';
  if (lostStates.has(error.code)) return 'lost';
  return unavailableClasses.has(error.code.slice(0, 2)) || unavailableStates.has(error.code) ? 'unavailable' : 'fault';
}

export function unavailable(cause: unknown): LogUnavailable {
  const reason = cause instanceof Error && cause.message !== '' ? cause.message : codeOf(cause);
  return new LogUnavailable(`the event log cannot be used now: ${reason}`, { cause });
}

/** A refused connection to a name with several addresses has no message of its own. */
function codeOf(cause: unknown): string {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
}

/** SQLSTATEs after which the connection is gone, or the server is on its way down or up (appendix A of PostgreSQL's manual). */
const lostStates: ReadonlySet<string> = new Set([
  '57P01', // admin_shutdown
  '57P02', // crash_shutdown
  '57P03', // cannot_connect_now
  '57P05', // idle_session_timeout
  '08000',
  '08001',
  '08003',
  '08004',
  '08006',
  '08007',
  '08P01', // protocol_violation: so says a pooler that has lost its server
  '25P03', // idle_in_transaction_session_timeout
  '25P04', // transaction_timeout
  '53300', // too_many_connections: soon there may be room
]);

const unavailableClasses: ReadonlySet<string> = new Set([
  '53', // insufficient resources, disk_full (53100) among them
  '58', // errors outside PostgreSQL: I/O
  'XX', // internal errors, corrupted storage
  '40', // rolled back: deadlock, serialization
  '55', // a lock could not be had
  '28', // we may not log in any more
]);

const unavailableStates: ReadonlySet<string> = new Set([
  '25006', // read_only_sql_transaction: a standby, or switched so by an administrator
  '57014', // query_canceled: it took too long
  '3D000', // the database is gone
  '42501', // insufficient_privilege
]);
