import type { DefinitionCondition, DefinitionNames } from './definition.ts';

/** The names that others in the same group have already. */
export type TakenNames = { readonly resources: ReadonlySet<string>; readonly kinds: ReadonlySet<string> };

export type AcceptedNames = { readonly acceptedNames: DefinitionNames; readonly condition: DefinitionCondition };

/**
 * Which of the wanted names a definition gets: what is free, and what it has already. Of several conflicts the last is told.
 * Source: apiextensions pkg/controller/status/naming_controller.go.
 */
export function acceptNames(wanted: DefinitionNames, has: DefinitionNames | undefined, taken: TakenNames): AcceptedNames {
  const accepted = { ...(has ?? { plural: '', kind: '' }) };
  let conflict: DefinitionCondition | undefined;
  const refuse = (reason: string, message: string): void => {
    conflict = { type: 'NamesAccepted', status: 'False', reason, message };
  };
  const take = (name: 'plural' | 'singular' | 'kind' | 'listKind', reason: string, used: ReadonlySet<string>): void => {
    const { [name]: wish = '' } = wanted;
    if (wish !== (has?.[name] ?? '') && used.has(wish)) refuse(reason, inUse(wish));
    else if (wanted[name] !== undefined) accepted[name] = wish;
  };
  take('plural', 'PluralConflict', taken.resources);
  take('singular', 'SingularConflict', taken.resources);
  const { shortNames = [], categories } = wanted;
  const short = shortNames.filter((name) => has?.shortNames?.includes(name) !== true && taken.resources.has(name)).map(inUse);
  if (short.length > 0) refuse('ShortNamesConflict', short.length === 1 ? (short[0] ?? '') : `[${short.join(', ')}]`);
  take('kind', 'KindConflict', taken.kinds);
  take('listKind', 'ListKindConflict', taken.kinds);
  const { plural, singular, kind, listKind } = accepted;
  const keptShort = short.length > 0 ? (has?.shortNames ?? []) : shortNames;
  return {
    acceptedNames: {
      plural,
      ...(singular === undefined ? {} : { singular }),
      ...(keptShort.length > 0 ? { shortNames: keptShort } : {}),
      kind,
      ...(listKind === undefined ? {} : { listKind }),
      ...(categories?.length ? { categories } : {}),
    },
    condition: conflict ?? { type: 'NamesAccepted', status: 'True', reason: 'NoConflicts', message: 'no conflicts found' },
  };
}

const inUse = (name: string): string => `${JSON.stringify(name)} is already in use`;
