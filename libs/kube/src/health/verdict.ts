import type { Condition, KubeObject } from '../kube-object.ts';

export type HealthWord = 'Current' | 'InProgress' | 'Failed' | 'Terminating';

/** The word, and what decided it: a condition, or what is to be said where none did. */
export type Verdict = { readonly word: HealthWord; readonly condition?: Partial<Condition>; readonly message?: string };

/**
 * By kstatus' rules, in kstatus' order, so that Flux, Helm and we say the same of an object.
 * https://github.com/kubernetes-sigs/cli-utils/blob/master/pkg/kstatus/README.md
 */
export function verdictOf(object: KubeObject): Verdict {
  const { metadata } = object;
  if (metadata.deletionTimestamp !== undefined && metadata.deletionTimestamp !== '') return { word: 'Terminating' };
  const conditions = conditionsOf(object);
  return byGeneration(object, conditions) ?? byStandardConditions(conditions) ?? byKind(object, conditions) ?? byReady(conditions);
}

function byGeneration({ metadata, status }: KubeObject, conditions: readonly Partial<Condition>[]): Verdict | undefined {
  const observed = (status as { readonly observedGeneration?: unknown } | null | undefined)?.observedGeneration;
  if (metadata.generation === undefined || typeof observed !== 'number' || observed === metadata.generation) return undefined;
  const condition = conditions.find(isReconciling) ?? conditions.find(({ type }) => type === 'Ready');
  return {
    word: 'InProgress',
    message: `generation ${metadata.generation} is wanted, generation ${observed} has been answered`,
    ...(condition ? { condition } : {}),
  };
}

/** Whichever stands first decides. */
function byStandardConditions(conditions: readonly Partial<Condition>[]): Verdict | undefined {
  const condition = conditions.find((each) => isReconciling(each) || (each.type === 'Stalled' && each.status === 'True'));
  return condition && { word: condition.type === 'Stalled' ? 'Failed' : 'InProgress', condition };
}

const isReconciling = ({ type, status }: Partial<Condition>): boolean => type === 'Reconciling' && status === 'True';

/** Kinds of which kstatus knows more than their conditions' usual names, as far as workspaces serve them. */
function byKind({ apiVersion, kind }: KubeObject, conditions: readonly Partial<Condition>[]): Verdict | undefined {
  if (apiVersion === 'v1' && (kind === 'Secret' || kind === 'ConfigMap')) return { word: 'Current' };
  if (kind !== 'CustomResourceDefinition' || !apiVersion.startsWith('apiextensions.k8s.io/')) return undefined;
  for (const condition of conditions) {
    const { type, status, reason } = condition;
    if (type === 'NamesAccepted' && status === 'False') return { word: 'Failed', condition };
    if (type !== 'Established') continue;
    if (status === 'False' && reason !== 'Installing') return { word: 'Failed', condition };
    if (status === 'True') return { word: 'Current', condition };
  }
  return { word: 'InProgress', message: 'it is being installed' };
}

/** Without any of them an object is taken for one that is as it should be. */
function byReady(conditions: readonly Partial<Condition>[]): Verdict {
  const condition = conditions.find(({ type, status }) => type === 'Ready' && statuses.has(status));
  if (!condition) return { word: 'Current' };
  return { word: condition.status === 'True' ? 'Current' : 'InProgress', condition };
}

const statuses: ReadonlySet<unknown> = new Set<Condition['status']>(['True', 'False', 'Unknown']);

/** What the object says of being ready; null where it says nothing. */
export function readinessOf(object: KubeObject): Condition['status'] | null {
  return conditionsOf(object).find(({ type, status }) => type === 'Ready' && statuses.has(status))?.status ?? null;
}

/** The conditions of an object, however its status is made. */
function conditionsOf({ status }: KubeObject): readonly Partial<Condition>[] {
  const conditions = (status as { readonly conditions?: unknown } | null | undefined)?.conditions;
  return Array.isArray(conditions) ? conditions.filter((each) => typeof each === 'object' && each !== null) : [];
}
