import { Metadata, status, type ServiceError } from '@grpc/grpc-js';

/** How the server says no: a gRPC status, and in its metadata what is meant. */
function refusal(code: status, details: string, exception?: Readonly<Record<string, string>>): ServiceError {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(exception ?? {})) metadata.set(name, value);
  return Object.assign(new Error(details), { code, details, metadata });
}

export const notLeader = (host: string, port: number): ServiceError =>
  refusal(status.NOT_FOUND, 'Leader info available', {
    exception: 'not-leader',
    'leader-endpoint-host': host,
    'leader-endpoint-port': `${port}`,
  });

/** Who does not lead, and does not know who does: while it is being elected. */
export const noLeader = (): ServiceError => refusal(status.UNKNOWN, 'No leader info available in response');

export const notReady = (): ServiceError => refusal(status.UNAVAILABLE, 'Server Is Not Ready');

export const notServed = (): ServiceError => refusal(status.UNIMPLEMENTED, 'not served by the stand-in');

export const timedOut = (): ServiceError => refusal(status.ABORTED, 'Operation timed out: Commit phase timeout.');

export const accessDenied = (): ServiceError => refusal(status.PERMISSION_DENIED, 'Access Denied', { exception: 'access-denied' });

/** A name or password that is wrong is refused before anything is looked at. */
export const notAuthenticated = (): ServiceError => refusal(status.UNAUTHENTICATED, 'Bad gRPC response. HTTP status code: 401');

export const invalidPosition = (): ServiceError => refusal(status.INVALID_ARGUMENT, 'Trying to read from an invalid position.');

export const streamDeleted = (stream: string): ServiceError =>
  refusal(status.FAILED_PRECONDITION, `Event stream '${stream}' is deleted.`, { exception: 'stream-deleted', 'stream-name': stream });

export const eventTooLarge = ({ id, bytes }: { readonly id: string; readonly bytes: number }, bytesMax: number): ServiceError =>
  refusal(status.INVALID_ARGUMENT, `Event with Id: ${id}, Size: ${bytes}, exceeds Maximum Append Event Size of ${bytesMax}.`, {
    exception: 'maximum-append-event-size-exceeded',
    'maximum-append-event-size': `${bytesMax}`,
    'event-id': id,
    'proposed-append-event-size': `${bytes}`,
  });

export const tooLarge = (bytesMax: number): ServiceError =>
  refusal(status.INVALID_ARGUMENT, `Maximum Append Size of ${bytesMax} Exceeded.`, {
    exception: 'maximum-append-size-exceeded',
    'maximum-append-size': `${bytesMax}`,
  });
