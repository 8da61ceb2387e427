const accountPrefix = 'account-';
const sidePrefix = 'ephemeral-';

/** The stream of the account whose workspace has this cluster name. */
export const streamOf = (cluster: string): string => `${accountPrefix}${cluster}`;

/** The stream beside it: for what is written often and kept for an hour. */
export const sideStreamOf = (cluster: string): string => `${sidePrefix}${cluster}`;

/** Other streams of the log, such as those of schemas, are neither of an account nor beside one. */
export const isAccountStream = (stream: string): boolean => stream.startsWith(accountPrefix);
export const isSideStream = (stream: string): boolean => stream.startsWith(sidePrefix);

/** The cluster name that `stream`, of an account or beside one, is named after. */
export const clusterOfStream = (stream: string): string => stream.slice(stream.indexOf('-') + 1);
