import { GraphQLString, type GraphQLFieldConfigArgumentMap } from 'graphql';
import { statusFailure } from '#kube';
import { refused } from '../asking.ts';
import { isPreferred } from '../resolve/categories.ts';
import type { VersionNames } from '../schema/names.ts';
import { text } from '../schema/texts.ts';

export type KindAsked = { readonly group?: string | null; readonly version?: string | null; readonly resource: string };

export const kindArguments: GraphQLFieldConfigArgumentMap = {
  group: { type: GraphQLString, description: 'The group of the kind; empty for the core group' },
  version: { type: GraphQLString, description: 'The version; otherwise the preferred one' },
  resource: { ...text, description: 'The lower-case plural, or the kind' },
};

/** @throws GraphQLError where the workspace serves no such kind */
export function kindAsked(all: readonly VersionNames[], { group, version, resource }: KindAsked): VersionNames {
  const isAsked = (names: VersionNames): boolean =>
    typeof version === 'string' && version !== '' ? names.version.name === version : isPreferred(names.kind, names.version);
  const found = all.find(
    (names) => names.kind.group === (group ?? '') && (names.kind.resource === resource || names.kind.kind === resource) && isAsked(names),
  );
  if (found !== undefined) return found;
  throw refused(statusFailure('NotFound', 'the server could not find the requested resource'));
}
