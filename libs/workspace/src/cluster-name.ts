import { createHash } from 'node:crypto';

/** The cluster name of the root workspace; all others are derived from their Account's uid. */
export const rootCluster = 'root';

/** 16 characters of base36, always the same for one Account: provisioning it twice opens one workspace. */
export function clusterNameOf(accountUid: string): string {
  const digest = createHash('sha256').update(accountUid).digest();
  return digest.readBigUInt64BE(0).toString(36).padStart(13, '0') + digest.readUInt32BE(8).toString(36).padStart(7, '0').slice(-3);
}
