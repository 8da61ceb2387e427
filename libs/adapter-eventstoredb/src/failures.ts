import { ErrorType, isCommandError } from '@eventstore/db-client';
import { LogUnavailable } from '#stream';

/**
 * What a failed call means. `lost`: nobody knows whether it took effect; it may be repeated. `unavailable`: the server
 * refused it for its own reasons, nothing took effect. `fault`: the call itself is wrong.
 */
export type Failure = 'lost' | 'unavailable' | 'fault';

export function failureOf(failure: unknown): Failure {
  if (failure instanceof LogUnavailable || failure instanceof RangeError || failure instanceof TypeError) return 'fault';
  // Not told by the server: sockets, deadlines of our own, no leader found.
  if (!(failure instanceof Error) || !isCommandError(failure)) return 'lost';
  if (refusals.has(failure.type)) return 'unavailable';
  return faults.has(failure.type) ? 'fault' : 'lost';
}

export function unavailable(cause: unknown): LogUnavailable {
  return new LogUnavailable(`the event log cannot be used now: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
}

/** A deadline of our own: whether the call took effect is unknown. */
export class Unanswered extends Error {
  constructor(ms: number) {
    super(`the server did not answer within ${ms} ms`);
    this.name = 'Unanswered';
  }
}

const refusals: ReadonlySet<string> = new Set([
  ErrorType.ACCESS_DENIED,
  ErrorType.STREAM_DELETED,
  // The server's MaxAppendSize: a smaller batch may fit, or an operator raises it.
  ErrorType.MAXIMUM_APPEND_SIZE_EXCEEDED,
]);

const faults: ReadonlySet<string> = new Set([
  ErrorType.WRONG_EXPECTED_VERSION,
  ErrorType.STREAM_NOT_FOUND,
  ErrorType.INVALID_ARGUMENT,
  ErrorType.INVALID_TRANSACTION,
  ErrorType.MISSING_REQUIRED_METADATA_PROPERTY,
  ErrorType.UNSUPPORTED,
]);
