import type { Condition, JsonObject, KubeObject } from '#kube';

/** What the mesh writes into the status of an instance of a bound API, so that every tool agrees on whether it is ready. */

/** Status at creation: no observedGeneration, nothing answered yet. */
export function waitingStatus(at: string): JsonObject {
  return {
    conditions: [
      condition(
        { type: 'Ready', status: 'Unknown', reason: 'WaitingForProvider', message: 'the provider has not answered yet' },
        undefined,
        at,
      ),
      condition(
        { type: 'Reconciling', status: 'True', reason: 'Accepted', message: 'the order was accepted and is on its way to the provider' },
        undefined,
        at,
      ),
    ],
  };
}

/** Status after a change of the spec: what was answered stays answered, but Ready is open again. */
export function revisedStatus(object: KubeObject, at: string): JsonObject {
  const status = statusOf(object);
  const before = conditionsOf(status);
  const ready = {
    type: 'Ready',
    status: 'Unknown',
    reason: 'WaitingForProvider',
    message: 'the provider has not answered this change yet',
  } as const;
  const reconciling = {
    type: 'Reconciling',
    status: 'True',
    reason: 'SpecChanged',
    message: 'the change is on its way to the provider',
  } as const;
  return { ...status, conditions: withConditions(before, [ready, reconciling], at) };
}

export type ProviderReport = {
  /** The consumer's generation that the provider answers. */
  readonly observedGeneration: number;
  /** The provider's whole status, already pruned and valid. */
  readonly status: JsonObject;
};

/** Status after a provider's report. An answer to an older generation is shown, but never as if it were the newest. */
export function reportedStatus(object: KubeObject, report: ProviderReport, at: string): JsonObject {
  const before = conditionsOf(statusOf(object));
  const own = conditionsOf(report.status).map((own) =>
    condition({ observedGeneration: report.observedGeneration, ...own }, find(before, own.type), at),
  );
  const status = { ...report.status, observedGeneration: report.observedGeneration };
  if (report.observedGeneration >= (object.metadata.generation ?? 1)) return { ...status, conditions: withReady(own, before, at) };
  const waiting = [
    { type: 'Ready', status: 'Unknown', reason: 'WaitingForProvider', message: 'the provider has answered an older generation' },
    { type: 'Reconciling', status: 'True', reason: 'SpecChanged', message: 'the change is on its way to the provider' },
  ] as const;
  return { ...status, conditions: withConditions(own, waiting, at, before) };
}

/** Tools take the absence of Ready for different things, so an answer that leaves it out is one that leaves it open. */
function withReady(own: readonly Condition[], before: readonly Condition[], at: string): readonly Condition[] {
  if (find(own, 'Ready')) return own;
  const open = {
    type: 'Ready',
    status: 'Unknown',
    reason: 'NotReported',
    message: 'the provider has answered, but not whether it is ready',
  } as const;
  return withConditions(own, [open], at, before);
}

type ConditionDraft = Omit<Condition, 'lastTransitionTime'> & { readonly lastTransitionTime?: string };

/** Sets some conditions of a list, keeping the others, and the transition time of what did not change. */
export function withConditions(
  conditions: readonly Condition[],
  drafts: readonly ConditionDraft[],
  at: string,
  before: readonly Condition[] = conditions,
): Condition[] {
  const set = drafts.map((draft) => condition(draft, find(before, draft.type), at));
  return [...conditions.filter(({ type }) => !drafts.some((draft) => draft.type === type)), ...set];
}

/** The conditions of a status, or none. */
export function conditionsOf(status: JsonObject): readonly Condition[] {
  return Array.isArray(status['conditions']) ? (status['conditions'] as unknown as Condition[]) : [];
}

/** An object's status, or an empty one. */
export function statusOf(object: KubeObject): JsonObject {
  return (object.status ?? {}) as JsonObject;
}

const find = (conditions: readonly Condition[], type: string): Condition | undefined => conditions.find((known) => known.type === type);

function condition(draft: ConditionDraft, before: Condition | undefined, at: string): Condition {
  const unchanged = before?.status === draft.status ? before.lastTransitionTime : undefined;
  const lastTransitionTime = draft.lastTransitionTime ?? unchanged ?? `${at.slice(0, 19)}Z`;
  return { ...draft, lastTransitionTime };
}
