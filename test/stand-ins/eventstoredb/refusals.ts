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

export const notReady = (): ServiceError => refusal(status.UNAVAILABLE, 'Server Is Not Ready');

export const notServed = (): ServiceError => refusal(status.UNIMPLEMENTED, 'not served by the stand-in');

export const timedOut = (): ServiceError => refusal(status.ABORTED, 'Operation timed out');

export const accessDenied = (): ServiceError => refusal(status.PERMISSION_DENIED, 'Access Denied', { exception: 'access-denied' });

export const invalidPosition = (): ServiceError => refusal(status.INVALID_ARGUMENT, 'there is no record at this position');

export const tooLarge = (bytesMax: number): ServiceError =>
  refusal(status.INVALID_ARGUMENT, `Maximum Append Size of ${bytesMax} Exceeded.`, {
    exception: 'maximum-append-size-exceeded',
    'maximum-append-size': `${bytesMax}`,
  });
