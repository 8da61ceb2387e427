import { dns1035Problems } from '../metadata/names.ts';
import { invalidValue } from '../schema/field-error.ts';
import type { StatusCause } from '../status-failure.ts';
import type { DefinitionNames } from './definition.ts';

/** What is wrong with the names themselves. Missing ones are told elsewhere. */
export function nameCauses(names: DefinitionNames, at: string): readonly StatusCause[] {
  const { plural, singular = '', kind, listKind = '', shortNames = [], categories = [] } = names;
  const label = (field: string, name: string): readonly StatusCause[] => labelCauses(`${at}.${field}`, name, name);
  const camel = (field: string, name: string): readonly StatusCause[] =>
    labelCauses(`${at}.${field}`, name, name.toLowerCase(), 'may have mixed case, but should otherwise match: ');
  return [
    ...(plural ? label('plural', plural) : []),
    ...(singular ? label('singular', singular) : []),
    ...(kind ? camel('kind', kind) : []),
    ...(listKind ? camel('listKind', listKind) : []),
    ...shortNames.flatMap((name, index) => label(`shortNames[${index}]`, name)),
    ...(kind && kind === listKind ? [invalidValue(`${at}.listKind`, listKind, 'kind and listKind may not be the same')] : []),
    ...categories.flatMap((name, index) => label(`categories[${index}]`, name)),
  ];
}

function labelCauses(field: string, shown: string, name: string, prefix = ''): readonly StatusCause[] {
  const problems = dns1035Problems(name);
  return problems.length === 0 ? [] : [invalidValue(field, shown, `${prefix}${problems.join(',')}`)];
}
