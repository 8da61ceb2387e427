import { patchedBy, type Change, type Patched } from '#account';
import {
  applyJsonPatch,
  applyMergePatch,
  applyStrategicMergePatch,
  type JsonObject,
  type KubeObject,
  type StrategicPatchResult,
} from '#kube';
import type { FieldWriter, Patch, PatchedShape, PatchRequest, WriteOutcome } from '../workspaces.ts';
import { apply } from './apply.ts';
import { revise } from './revise.ts';
import { versionOf, type VerbContext } from './verb-context.ts';

export function patch(context: VerbContext, request: PatchRequest): Promise<WriteOutcome> {
  const { patch, shape } = request;
  const by = { fieldManager: request.author.fieldManager, at: context.ports.now() };
  if (patch.type === 'apply') {
    const inShape = shape?.apply;
    if (!shape || !inShape) return apply(context, request, patch);
    return revise(context, request, { type: 'patch', apply: (present) => appliedIn({ ...shape, apply: inShape }, patch, present, by) }, []);
  }
  const change: Change = { type: 'patch', apply: (present) => patched(patch, request, present, by) };
  return revise(context, request, change, patch.type === 'json' ? [] : patch.duplicateFields);
}

type AppliedShape = PatchedShape & { readonly apply: NonNullable<PatchedShape['apply']> };
type ChangingPatch = Exclude<Patch, { type: 'apply' }>;

function patched(patch: ChangingPatch, { kind, version, shape }: PatchRequest, present: KubeObject, by: FieldWriter): Patched {
  const target = (shape?.show(present) ?? present) as unknown as JsonObject;
  const result = applied(patch, target, versionOf(shape?.kind ?? kind, version).schema.source);
  if (result.type === 'untyped')
    return { type: 'refused', refusal: { type: 'ObjectInvalid', group: '', kind: '', name: '', causes: [result.cause] } };
  if (result.type !== 'patched') return result;
  // A patch may take all of the metadata away, which then says nothing.
  const object = { ...result.object, metadata: result.object['metadata'] ?? {} } as unknown as KubeObject;
  if (!shape) return { type: 'patched', object };
  const fault = shape.fault?.(object);
  if (fault !== undefined) return { type: 'malformed', message: fault };
  const kept = shape.keep(object, present);
  if (!shape.owners) return { type: 'patched', object: kept };
  return { type: 'patched', object: kept, owners: { managedFields: shape.owners(object, present, by) } };
}

function appliedIn(
  shape: AppliedShape,
  { config, force }: Extract<Patch, { type: 'apply' }>,
  present: KubeObject,
  by: FieldWriter,
): Patched {
  const outcome = patchedBy(shape.apply(config, present, { ...by, force }));
  return outcome.type === 'patched' ? { ...outcome, object: shape.keep(outcome.object, present) } : outcome;
}

function applied(patch: ChangingPatch, target: JsonObject, schema: JsonObject): StrategicPatchResult {
  switch (patch.type) {
    case 'merge':
      return applyMergePatch(target, patch.patch);
    case 'strategic':
      return applyStrategicMergePatch(target, patch.patch, schema);
    case 'json':
      return applyJsonPatch(target, patch.operations);
  }
}
