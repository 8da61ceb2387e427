import type { Served, ServedCondition } from '../servers/tributary-client.ts';

/** What the tools of the field make of an object, each by its own rules. */
export type Verdicts = {
  /** Flux and Helm 4. https://github.com/kubernetes-sigs/cli-utils/blob/master/pkg/kstatus/README.md */
  readonly kstatus: 'Terminating' | 'InProgress' | 'Failed' | 'Current';
  /** `kubectl wait --for=condition=Ready`: whether it would stop waiting. */
  readonly kubectlWait: boolean;
  /** Flux's `dependsOn`: Ready for the generation that stands now. */
  readonly fluxReady: boolean;
  /** Terraform's waiter: type and status of the condition, generations never. */
  readonly terraformWait: boolean;
};

export function verdictsOn(object: Served): Verdicts {
  const ready = conditionOf(object, 'Ready');
  return {
    kstatus: kstatusOf(object),
    kubectlWait:
      ready?.status === 'True' && (ready.observedGeneration ?? object.status?.observedGeneration ?? Infinity) >= object.metadata.generation,
    fluxReady: ready?.status === 'True' && object.status?.observedGeneration === object.metadata.generation,
    terraformWait: ready?.status === 'True',
  };
}

export const current: Verdicts = { kstatus: 'Current', kubectlWait: true, fluxReady: true, terraformWait: true };
export const inProgress: Verdicts = { kstatus: 'InProgress', kubectlWait: false, fluxReady: false, terraformWait: false };
export const failed: Verdicts = { ...inProgress, kstatus: 'Failed' };

function kstatusOf(object: Served): Verdicts['kstatus'] {
  const { metadata, status } = object;
  if (metadata.deletionTimestamp !== undefined) return 'Terminating';
  if (status?.observedGeneration !== undefined && status.observedGeneration !== metadata.generation) return 'InProgress';
  if (conditionOf(object, 'Reconciling')?.status === 'True') return 'InProgress';
  if (conditionOf(object, 'Stalled')?.status === 'True') return 'Failed';
  const ready = conditionOf(object, 'Ready');
  return ready === undefined || ready.status === 'True' ? 'Current' : 'InProgress';
}

export function conditionOf({ status }: Served, type: string): ServedCondition | undefined {
  return status?.conditions?.find((condition) => condition.type === type);
}
