export { openRoot } from './open-root.ts';
export { runBurial, type BurialOptions } from './run-burial.ts';
export { runPatience, type PatienceOptions } from './run-patience.ts';
export { runPolicy, type PolicyOptions, type RunningPolicy } from './run-policy.ts';
