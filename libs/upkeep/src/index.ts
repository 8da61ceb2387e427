export type { Holdings, RowDifference, ViewCopy } from './holdings.ts';
export type { Finding, FindingType } from './verify/finding.ts';
export { verify, type Verified, type VerifyOptions } from './verify/verify.ts';
