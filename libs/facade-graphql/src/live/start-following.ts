import type { Asking } from '../asking.ts';
import { Following, type LiveSink } from './following.ts';
import type { SubscriptionPlan } from './subscription-plan.ts';
import { WorkspaceFollowing } from './workspace-following.ts';

/** Follows what a subscription is about. @throws GraphQLError where it is refused */
export function startFollowing(
  asking: Asking,
  plan: Extract<SubscriptionPlan, { type: 'plan' | 'workspace' }>,
  sink: LiveSink,
): Promise<{ stop(): void }> {
  return plan.type === 'plan' ? Following.start(asking, plan, sink) : WorkspaceFollowing.start(asking, plan, sink);
}
