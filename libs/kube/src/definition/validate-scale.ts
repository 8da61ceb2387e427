import { invalidValue, requiredValue } from '../schema/field-error.ts';
import type { ScalePaths } from '../served-kind.ts';
import type { StatusCause } from '../status-failure.ts';

/** What is wrong with the paths of a `/scale`. `at` is where the subresources stand. */
export function scaleCauses(scale: ScalePaths | undefined, at: string): readonly StatusCause[] {
  if (!scale) return [];
  const path = (name: keyof ScalePaths, roots: readonly string[], under: string): readonly StatusCause[] => {
    // A provider's schema may hold anything here.
    const given: unknown = scale[name];
    const field = `${at}.scale.${name}`;
    if (given !== undefined && typeof given !== 'string') return [invalidValue(field, JSON.stringify(given), 'must be a string')];
    const text = given ?? '';
    if (text === '') return name === 'labelSelectorPath' ? [] : [requiredValue(field)];
    if (!text.startsWith('.')) return [notSimple(field, text)];
    return roots.some((root) => text.startsWith(root)) ? [] : [invalidValue(field, text, `should be a json path under ${under}`)];
  };
  return [
    ...path('specReplicasPath', ['.spec.'], '.spec'),
    ...path('statusReplicasPath', ['.status.'], '.status'),
    ...path('labelSelectorPath', ['.spec.', '.status.'], 'either .spec or .status'),
  ];
}

export const notSimple = (field: string, text: string): StatusCause =>
  invalidValue(field, text, 'must be a simple json path starting with .');
