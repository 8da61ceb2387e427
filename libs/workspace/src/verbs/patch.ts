import type { Change, Patched } from '#account';
import { applyJsonPatch, applyMergePatch, applyStrategicMergePatch, type JsonObject, type KubeObject, type PatchResult } from '#kube';
import type { Patch, PatchRequest, WriteOutcome } from '../workspaces.ts';
import { apply } from './apply.ts';
import { revise } from './revise.ts';
import { versionOf, type VerbContext } from './verb-context.ts';

export function patch(context: VerbContext, request: PatchRequest): Promise<WriteOutcome> {
  const { patch } = request;
  if (patch.type === 'apply') return apply(context, request, patch);
  const change: Change = { type: 'patch', apply: (present) => patched(patch, request, present) };
  return revise(context, request, change, patch.type === 'json' ? [] : patch.duplicateFields);
}

type ChangingPatch = Exclude<Patch, { type: 'apply' }>;

function patched(patch: ChangingPatch, { kind, version, shape }: PatchRequest, present: KubeObject): Patched {
  const target = (shape?.show(present) ?? present) as unknown as JsonObject;
  const result = applied(patch, target, versionOf(shape?.kind ?? kind, version).schema.source);
  if (result.type !== 'patched') return result;
  const object = result.object as unknown as KubeObject;
  if (!shape) return { type: 'patched', object };
  const kept = shape.keep(object, present);
  return shape.leavesOwners
    ? { type: 'patched', object: kept, owners: { managedFields: present.metadata.managedFields } }
    : { type: 'patched', object: kept };
}

function applied(patch: ChangingPatch, target: JsonObject, schema: JsonObject): PatchResult {
  switch (patch.type) {
    case 'merge':
      return applyMergePatch(target, patch.patch);
    case 'strategic':
      return applyStrategicMergePatch(target, patch.patch, schema);
    case 'json':
      return applyJsonPatch(target, patch.operations);
  }
}
