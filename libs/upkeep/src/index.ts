export { backUp, type BackedUp, type BackUpOptions } from './backup/back-up.ts';
export { AppendingLogWriter, type LogWriter } from './backup/log-writer.ts';
export { BackupDamaged } from './backup/manifest.ts';
export { restore, type Restored, type RestoreOptions } from './backup/restore.ts';
export type { Holdings, RowDifference, ViewCopy } from './holdings.ts';
export type { Finding, FindingType } from './verify/finding.ts';
export { verify, type Verified, type VerifyOptions } from './verify/verify.ts';
