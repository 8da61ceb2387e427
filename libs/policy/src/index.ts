export { openRoot } from './open-root.ts';
export { runPolicy, type PolicyOptions, type RunningPolicy } from './run-policy.ts';
