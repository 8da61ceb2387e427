import type { Change, Patched } from '#account';
import { applyJsonPatch, applyMergePatch, type JsonObject, type KubeObject } from '#kube';
import type { PatchRequest, WriteOutcome } from '../workspaces.ts';
import { revise } from './revise.ts';
import type { VerbContext } from './verb-context.ts';

export function patch(context: VerbContext, request: PatchRequest): Promise<WriteOutcome> {
  const change: Change = { type: 'patch', apply: (present) => patched(request.patch, present) };
  return revise(context, request, change, request.patch.type === 'merge' ? request.patch.duplicateFields : []);
}

function patched(patch: PatchRequest['patch'], present: KubeObject): Patched {
  const target = present as unknown as JsonObject;
  const result = patch.type === 'merge' ? applyMergePatch(target, patch.patch) : applyJsonPatch(target, patch.operations);
  return result.type === 'patched' ? { type: 'patched', object: result.object as unknown as KubeObject } : result;
}
