import { AccessDeniedError, ErrorType, isCommandError } from '@eventstore/db-client';
import { AppendTooLarge, LogUnavailable } from '#stream';

/**
 * What a failed call means. `lost`: nobody knows whether it took effect; it may be repeated. `unavailable`: the server
 * refused it for its own reasons, nothing took effect. `too large`: so it did, and would take less. `fault`: the call itself is wrong.
 */
export type Failure = 'lost' | 'unavailable' | 'too large' | 'fault';

export function failureOf(failure: unknown): Failure {
  if (failure instanceof LogUnavailable || failure instanceof RangeError || failure instanceof TypeError) return 'fault';
  // Not told by the server: sockets, deadlines of our own, no leader found.
  if (!(failure instanceof Error) || !isCommandError(failure)) return 'lost';
  const told = meanings[failure.type];
  if (told) return told;
  if (isWrongCall(failure)) return exceptionOf(failure) === eventTooLarge ? 'too large' : 'fault';
  return (failure.code === undefined ? undefined : meaningsOfCodes[failure.code]) ?? 'lost';
}

/** Among others: a read that begins where no record does. */
export const isWrongCall = (failure: unknown): boolean =>
  failure instanceof Error && isCommandError(failure) && failure.code === invalidArgument;

export function unavailable(cause: unknown): LogUnavailable {
  const hint = isRefused(cause) ? hintFor(cause) : '';
  return new LogUnavailable(`the event log cannot be used now: ${cause instanceof Error ? cause.message : String(cause)}${hint}`, {
    cause,
  });
}

export const tooLarge = (cause: unknown): AppendTooLarge =>
  new AppendTooLarge(`the event log does not take as much at once: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });

/** A deadline of our own: whether the call took effect is unknown. */
export class Unanswered extends Error {
  constructor(ms: number) {
    super(`the server did not answer within ${ms} ms`);
    this.name = 'Unanswered';
  }
}

/** Errors that the client knows. */
const meanings: Readonly<Record<string, Failure | undefined>> = {
  [ErrorType.ACCESS_DENIED]: 'unavailable',
  [ErrorType.STREAM_DELETED]: 'unavailable',
  // The server's MaxAppendSize.
  [ErrorType.MAXIMUM_APPEND_SIZE_EXCEEDED]: 'too large',
  [ErrorType.WRONG_EXPECTED_VERSION]: 'fault',
  [ErrorType.STREAM_NOT_FOUND]: 'fault',
  [ErrorType.INVALID_TRANSACTION]: 'fault',
  [ErrorType.MISSING_REQUIRED_METADATA_PROPERTY]: 'fault',
  [ErrorType.INVALID_ARGUMENT]: 'fault',
  [ErrorType.UNSUPPORTED]: 'fault',
};

/** Errors that the client does not know have gRPC's code still: of a wrong call, of a message that is longer than the server reads, of a server without such a service. */
const invalidArgument = 3;
const meaningsOfCodes: Readonly<Record<number, Failure | undefined>> = { 8: 'too large', 12: 'unavailable' };
/** The server's MaxAppendEventSize, from 24.10.4 on. */
const eventTooLarge = 'maximum-append-event-size-exceeded';

function exceptionOf({ _raw: raw }: { readonly _raw?: { readonly metadata?: { getMap(): Record<string, unknown> } } }): unknown {
  return raw?.metadata?.getMap()['exception'];
}

const isRefused = (cause: unknown): cause is AccessDeniedError => cause instanceof AccessDeniedError;

const unauthenticated = 16;
const hintFor = ({ code }: AccessDeniedError): string =>
  code === unauthenticated
    ? ' (the name or the password in EVENTSTORE_URL is wrong)'
    : ' (its user must be allowed to read $all, and to read and write streams and their metadata)';
