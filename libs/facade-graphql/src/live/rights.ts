import { statusFailure, type StatusFailure } from '#kube';
import type { Visit } from '../visit.ts';

/** Longer ones would fire at once. */
const timerMsMax = 2_147_483_647;

const unauthorized = statusFailure('Unauthorized', 'Unauthorized');

/** Looks again whenever rights or credentials change; `end` is called where they are no longer good. Answers how to end it. */
export function followRights(
  visit: Visit,
  refusal: () => StatusFailure | undefined,
  end: (status: StatusFailure) => void,
): readonly (() => void)[] {
  const look = (): void => {
    const status = refusal() ?? (visit.mayStill() ? undefined : unauthorized);
    if (status !== undefined) end(status);
  };
  const unfollow = [visit.workspace.onAccessChange(look)];
  const ofCredential = visit.credential?.onChange(look);
  if (ofCredential) unfollow.push(ofCredential);
  if (visit.untilMs === undefined) return unfollow;
  // Unref'd, it would leave a list in node for every length that there ever was, until its time is up.
  const timer = setTimeout(() => end(unauthorized), Math.min(Math.max(0, visit.untilMs - Date.now()), timerMsMax));
  return [...unfollow, () => clearTimeout(timer)];
}
