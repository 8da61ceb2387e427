import { GraphQLInputObjectType, GraphQLString, type GraphQLFieldConfigArgumentMap } from 'graphql';
import { groupResource, statusFailure, type ServedKind } from '#kube';
import type { Selector, StoredObject } from '#workspace';
import { badRequest, refused, type Asking } from '../asking.ts';
import { positionOf } from '../resolve/position.ts';
import { unmarked } from '../schema/marks.ts';
import type { VersionNames } from '../schema/names.ts';

export type Moment = { readonly resourceVersion?: string | null; readonly time?: string | null };

const momentInput = new GraphQLInputObjectType({
  name: 'Moment_Input',
  description: 'A moment of the past: one of both',
  fields: {
    resourceVersion: { type: GraphQLString, description: 'As of this version of the workspace' },
    time: { type: GraphQLString, description: 'As of this time (RFC 3339)' },
  },
});

const at = unmarked({
  at: { type: momentInput, description: 'As it was then, rebuilt from history; Expired where that is kept no longer' },
});

/** What is not kept, or computed, has no past. */
export const momentArgument = (kind: ServedKind): GraphQLFieldConfigArgumentMap => (hasPast(kind) ? at : {});

const hasPast = ({ ephemeral, source }: ServedKind): boolean => ephemeral !== true && source.type !== 'computed';

type Past = { readonly items: readonly StoredObject[]; readonly position: bigint };
type Asked = { readonly namespace: string; readonly name?: string; readonly selector?: Selector | undefined };

/** The objects of a moment. @throws GraphQLError where it is unknown, to come, or kept no longer */
export async function pastOf(names: VersionNames, at: bigint | string, asked: Asked, { visit }: Asking): Promise<Past> {
  const { kind, version } = names;
  const { namespace, name, selector } = asked;
  const outcome = await visit.workspace.past({
    kind,
    version: version.name,
    namespace,
    at,
    ...(name === undefined ? {} : { name }),
    ...(selector === undefined ? {} : { selector }),
  });
  switch (outcome.type) {
    case 'listed':
      return outcome;
    case 'expired':
      throw refused(
        statusFailure('Expired', `${groupResource(kind)}: that moment is kept no longer; the oldest resourceVersion is ${outcome.oldest}`),
      );
    case 'ahead':
      throw refused(
        statusFailure('Timeout', `Timeout: Too large resource version: ${String(at)}, current: ${outcome.position}`, {
          retryAfterSeconds: 1,
        }),
      );
    case 'tooFar':
      throw refused(
        statusFailure('Expired', `more than ${outcome.changes} changes lie between then and now: ask for a later moment, or for history`),
      );
  }
}

/** @throws GraphQLError where it is no moment */
export function momentOf(at: Moment | null | undefined): bigint | string | undefined {
  if (at === undefined || at === null) return undefined;
  const position = positionOf(at.resourceVersion);
  const time = instantOf('at.time', at.time);
  if ((position === undefined) === (time === undefined)) throw badRequest('at takes either a resourceVersion or a time');
  return position ?? time;
}

const rfc3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/i;

/** @throws GraphQLError where it is no time */
export function instantOf(what: string, text: string | null | undefined): string | undefined {
  if (text === undefined || text === null || text === '') return undefined;
  if (!rfc3339.test(text) || Number.isNaN(Date.parse(text)))
    throw badRequest(`${what}: ${JSON.stringify(text)} is no RFC 3339 time like 2026-01-02T03:04:05Z`);
  return new Date(text).toISOString();
}
