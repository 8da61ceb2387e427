import type { Change, Patched } from '#account';
import { applyJsonPatch, applyMergePatch, type JsonObject, type KubeObject } from '#kube';
import type { Patch, PatchRequest, WriteOutcome } from '../workspaces.ts';
import { apply } from './apply.ts';
import { revise } from './revise.ts';
import type { VerbContext } from './verb-context.ts';

export function patch(context: VerbContext, request: PatchRequest): Promise<WriteOutcome> {
  const { patch } = request;
  if (patch.type === 'apply') return apply(context, request, patch);
  const change: Change = { type: 'patch', apply: (present) => patched(patch, present) };
  return revise(context, request, change, patch.type === 'merge' ? patch.duplicateFields : []);
}

function patched(patch: Exclude<Patch, { type: 'apply' }>, present: KubeObject): Patched {
  const target = present as unknown as JsonObject;
  const result = patch.type === 'merge' ? applyMergePatch(target, patch.patch) : applyJsonPatch(target, patch.operations);
  return result.type === 'patched' ? { type: 'patched', object: result.object as unknown as KubeObject } : result;
}
