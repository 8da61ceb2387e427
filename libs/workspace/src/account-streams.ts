/** The stream of an account, by the name of its workspace's cluster. */
export const streamOf = (cluster: string): string => `account-${cluster}`;

/** The stream beside it: for what is written often and kept for an hour; nothing that follows accounts reads it. */
export const sideStreamOf = (cluster: string): string => `ephemeral-${cluster}`;

export const isSideStream = (stream: string): boolean => stream.startsWith(sideStreamOf(''));

/** The cluster whose account or side stream this is. */
export const clusterOfStream = (stream: string): string => stream.slice(stream.indexOf('-') + 1);
