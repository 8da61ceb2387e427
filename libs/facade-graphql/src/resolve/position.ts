import { badRequest } from '../asking.ts';

/** '' and 0 mean whatever the server has now. @throws GraphQLError where it is no position */
export function positionOf(resourceVersion: string | null | undefined): bigint | undefined {
  if (resourceVersion === undefined || resourceVersion === null || resourceVersion === '' || resourceVersion === '0') return undefined;
  const position = /^\d{1,20}$/.test(resourceVersion) ? BigInt(resourceVersion) : undefined;
  if (position === undefined || position > uint64Max)
    throw badRequest(`resourceVersion: Invalid value: ${JSON.stringify(resourceVersion)}`);
  return position;
}

const uint64Max = 18_446_744_073_709_551_615n;
