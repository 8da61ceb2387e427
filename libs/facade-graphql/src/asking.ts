import { GraphQLError } from 'graphql';
import type { AccessAttributes } from '#access';
import type { Refusal } from '#account';
import { statusFailure, type StatusFailure } from '#kube';
import type { PersistedQueries } from './ask/persisted-queries.ts';
import type { VersionNames } from './schema/names.ts';
import type { Views } from './portal/views.ts';
import type { Visit } from './visit.ts';

/** How refusals and outages are told; the same words as in every other facade. */
export type Words = {
  readonly ofRefusal: (refusal: Refusal) => StatusFailure;
  /** Of what a verb threw: an outage, or a bug. */
  readonly ofFault: (failure: unknown) => StatusFailure;
};

/** What every resolver gets as its context: one operation of one request. */
export type Asking = {
  readonly visit: Visit;
  readonly words: Words;
  /** Documents that clients name by their hash. */
  readonly persisted: PersistedQueries;
  /** What was done, for the audit log: `create configmaps default/web`. */
  readonly deeds: string[];
  /** What is to be said beside the answer. */
  readonly warnings: string[];
  /** Absent where this process reads none. */
  readonly views?: Views | undefined;
};

/**
 * Lets what writes wait for what was written before in the same operation: the language promises that for fields at the root only, and here they stand
 * below their group and version.
 */
export function inTurn<Result>(asking: Asking, write: () => Promise<Result>): Promise<Result> {
  const result = (turns.get(asking) ?? Promise.resolve()).then(write);
  turns.set(asking, result.then(ignore, ignore));
  return result;
}

const turns = new WeakMap<Asking, Promise<void>>();
const ignore = (): void => undefined;

/** A refusal in the form that clients of this facade get: what Kubernetes would have said stands in `extensions.status`. */
export function refused(status: StatusFailure, fields?: readonly FaultyField[]): GraphQLError {
  return new GraphQLError(status.message, {
    extensions: { code: status.reason ?? 'BadRequest', status, ...(fields === undefined || fields.length === 0 ? {} : { fields }) },
  });
}

/** One thing wrong with what was sent. `path` leads from the field's arguments: `["object", "spec", "ports", "0", "port"]`. */
export type FaultyField = { readonly path: readonly string[]; readonly message: string; readonly reason?: string };

export const badRequest = (message: string): GraphQLError => refused(statusFailure('BadRequest', message));

/** What a verb is asked about. `name` and `subresource` are '' and absent where there is none. */
export type Target = { readonly namespace: string; readonly name: string; readonly subresource?: string };

/** @throws GraphQLError where whoever asks may not do this: the same question as for the same request over REST */
export function authorised({ visit }: Asking, { kind }: Pick<VersionNames, 'kind'>, verb: string, target: Target): void {
  const refusal = visit.whyNot(attributesOf(kind, verb, target));
  if (refusal !== undefined) throw refused(refusal);
}

export function attributesOf(
  { group, resource }: Pick<VersionNames['kind'], 'group' | 'resource'>,
  verb: string,
  { namespace, name, subresource }: Target,
): AccessAttributes {
  // A Namespace is in itself, as far as rights are concerned.
  const within = namespace === '' && group === '' && resource === 'namespaces' ? name : namespace;
  return { verb, group, resource, namespace: within, name, ...(subresource === undefined ? {} : { subresource }) };
}

/** The namespace that an argument names. @throws GraphQLError where the kind needs one and none is named */
export function namespaceOf({ kind }: Pick<VersionNames, 'kind'>, namespace: string | null | undefined): string {
  if (!kind.namespaced) return '';
  if (typeof namespace === 'string' && namespace !== '') return namespace;
  throw badRequest(`${kind.kind} is namespaced: the argument "namespace" is missing`);
}

/** What a resolver threw without naming it is an outage, or a bug of ours: nothing of it goes out but the words for that. */
export function told(error: GraphQLError, words: Words): GraphQLError {
  const { originalError } = error;
  if (originalError === undefined || originalError instanceof GraphQLError) return error;
  const { nodes, path } = error;
  const { message, extensions } = refused(words.ofFault(originalError));
  return new GraphQLError(message, { ...(nodes ? { nodes } : {}), ...(path ? { path } : {}), originalError, extensions });
}

/** The same for what was caught. */
export function faultOf(failure: unknown, words: Words): GraphQLError {
  return failure instanceof GraphQLError ? told(failure, words) : refused(words.ofFault(failure));
}
