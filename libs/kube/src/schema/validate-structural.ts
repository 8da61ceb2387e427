import { ruleCauses } from '../cel/check-rules.ts';
import type { JsonObject } from '../json.ts';
import type { StatusCause } from '../status-failure.ts';
import { forbidden } from './field-error.ts';
import { boundsCauses, shapeCauses } from './structural-bounds.ts';
import { defaultCauses } from './structural-defaults.ts';
import { completenessCauses, invariantCauses } from './structural-invariants.ts';
import { keywordCauses } from './structural-rules.ts';

/**
 * Why a schema cannot be served: not structural, unsupported keywords, defaults that do not fit, rules that do not
 * compile or could cost too much, or out of bounds.
 * `fieldPath` is where it stands: `spec.versions[0].schema.openAPIV3Schema`. Paths and texts are upstream's.
 * https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema
 */
export function validateStructuralSchema(schema: JsonObject, fieldPath: string): readonly StatusCause[] {
  const unusable = firstCauses(
    () => boundsCauses(schema, fieldPath),
    () => shapeCauses(fieldPath, schema),
  );
  if (unusable.length > 0) return unusable;
  const structural = firstCauses(
    () => sorted([...invariantCauses(schema, 'root', fieldPath), ...completenessCauses(schema, fieldPath)]),
    () => defaultCauses(schema, fieldPath),
  );
  const nullable = schema['nullable'] === true ? [forbidden(`${fieldPath}.nullable`, 'nullable cannot be true at the root')] : [];
  const keywords = keywordCauses(schema, fieldPath, { root: true, insideMeta: false, noDefaults: undefined });
  const unsound = [...nullable, ...structural, ...keywords];
  return unsound.length > 0 ? unsound : ruleCauses(schema, fieldPath);
}

/** Later checks rest on what earlier ones have found sound. */
function firstCauses(...checks: readonly (() => readonly StatusCause[])[]): readonly StatusCause[] {
  for (const check of checks) {
    const causes = check();
    if (causes.length > 0) return causes;
  }
  return [];
}

function sorted(causes: readonly StatusCause[]): readonly StatusCause[] {
  const text = ({ field, message }: StatusCause): string => `${field}: ${message}`;
  return [...causes].sort((left, right) => (text(left) < text(right) ? -1 : 1));
}
