import type { Change, Patched } from '#account';
import { applyJsonPatch, applyMergePatch, applyStrategicMergePatch, type JsonObject, type KubeObject, type PatchResult } from '#kube';
import type { PatchRequest, WriteOutcome } from '../workspaces.ts';
import { revise } from './revise.ts';
import { versionOf, type VerbContext } from './verb-context.ts';

export function patch(context: VerbContext, request: PatchRequest): Promise<WriteOutcome> {
  const change: Change = { type: 'patch', apply: (present) => patched(request, present) };
  return revise(context, request, change, request.patch.type === 'json' ? [] : request.patch.duplicateFields);
}

function patched({ patch, kind, version }: PatchRequest, present: KubeObject): Patched {
  const result = applied(patch, present as unknown as JsonObject, versionOf(kind, version).schema.source);
  return result.type === 'patched' ? { type: 'patched', object: result.object as unknown as KubeObject } : result;
}

function applied(patch: PatchRequest['patch'], target: JsonObject, schema: JsonObject): PatchResult {
  switch (patch.type) {
    case 'merge':
      return applyMergePatch(target, patch.patch);
    case 'strategic':
      return applyStrategicMergePatch(target, patch.patch, schema);
    case 'json':
      return applyJsonPatch(target, patch.operations);
  }
}
