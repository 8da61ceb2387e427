import { GraphQLObjectType, GraphQLSchema, type GraphQLFieldConfig, type GraphQLFieldConfigMap } from 'graphql';
import { answererOf, type ServedKind, type ServedVersion } from '#kube';
import type { Asking } from '../asking.ts';
import { kindTypes, type KindTypes } from './kind-types.ts';
import { portalFieldNames, portalFields } from '../portal/portal-fields.ts';
import { leads } from './marks.ts';
import { workspaceEvents } from '../portal/workspace-events.ts';
import { mutationFields, rootMutationFields } from './mutation-fields.ts';
import { namesOf, pascal, Names, type ReservedNames, type VersionNames } from './names.ts';
import { subscriptionFields } from './subscription-fields.ts';
import { listType, queryFields, rootQueryFields } from './query-fields.ts';

type Fields = GraphQLFieldConfigMap<unknown, Asking>;

/** What one version of a kind brings into every schema that it stands in: made once for all of them. */
type Piece = {
  readonly types: KindTypes;
  readonly query: Fields;
  readonly mutation: Fields;
  readonly subscription: Fields;
};

export type WorkspaceSchema = {
  readonly schema: GraphQLSchema;
  /** What it is made of, which lasts as long as some schema needs it. */
  readonly pieces: readonly Piece[];
};

/** The schema of all workspaces that serve these kinds. */
export function workspaceSchema(served: readonly ServedKind[]): WorkspaceSchema {
  const all = namesOf(served, reserved);
  const query = new Grouping('Query');
  const mutation = new Grouping('Mutation');
  const subscription: Fields = {};
  const typeOf = new Map<VersionNames, GraphQLObjectType<unknown, unknown>>();
  const pieces = all.map((names) => {
    const piece = pieceOf(names);
    query.add(names, piece.query);
    mutation.add(names, piece.mutation);
    Object.assign(subscription, piece.subscription);
    typeOf.set(names, piece.types.object);
    return piece;
  });
  // Types are made so that nothing is left to be found wrong; specs look at them.
  const schema = new GraphQLSchema({
    query: query.root({ ...rootQueryFields(all, typeOf), ...portalFields(all) }),
    mutation: mutation.root(rootMutationFields(all)),
    subscription: new GraphQLObjectType<unknown, Asking>({ name: 'Subscription', fields: { ...subscription, workspaceEvents } }),
    assumeValid: true,
  });
  return { schema, pieces };
}

const reserved: ReservedNames = {
  query: ['typeByCategory', 'resourcesByCategory', ...portalFieldNames],
  mutation: ['applyYaml'],
  subscription: ['workspaceEvents'],
};

const knownPieces = new WeakMap<ServedVersion, Map<string, WeakRef<Piece>>>();

function pieceOf(names: VersionNames): Piece {
  let known = knownPieces.get(names.version);
  if (known === undefined) knownPieces.set(names.version, (known = new Map()));
  const { kind, version: _, ...called } = names;
  // The same version may be called otherwise beside other kinds, which hardly ever happens.
  const key = `${kind.resource} ${answererOf(kind.group, kind.source.type === 'bound')} ${JSON.stringify(called)}`;
  let piece = known.get(key)?.deref();
  if (piece === undefined) known.set(key, new WeakRef((piece = makePiece(names))));
  return piece;
}

function makePiece(names: VersionNames): Piece {
  const { group, source } = names.kind;
  const types = kindTypes(names.version, names.types, answererOf(group, source.type === 'bound'));
  return {
    types,
    query: queryFields(names, types, listType(names, types.object)),
    mutation: mutationFields(names, types),
    subscription: subscriptionFields(names, types),
  };
}

/** Fields by group and version: `core_platform_mesh_io { v1alpha1 { … } }`. The core group starts at its version. */
class Grouping {
  readonly #suffix: 'Query' | 'Mutation';
  readonly #groups = new Map<string, Map<string, Fields>>();

  constructor(suffix: 'Query' | 'Mutation') {
    this.#suffix = suffix;
  }

  add({ group = '', versionField }: VersionNames, fields: Fields): void {
    if (Object.keys(fields).length === 0) return;
    let versions = this.#groups.get(group);
    if (versions === undefined) this.#groups.set(group, (versions = new Map()));
    let all = versions.get(versionField);
    if (all === undefined) versions.set(versionField, (all = {}));
    Object.assign(all, fields);
  }

  /** Kinds' types have words and digits only in their names, and these have an underscore: they never meet. */
  root(beside: Fields): GraphQLObjectType<unknown, Asking> {
    const fields: Fields = { ...beside };
    const names = new Names();
    for (const [group, versions] of this.#groups) {
      const prefix = pascal(group);
      const ofVersions: Fields = {};
      for (const [version, ofKinds] of versions)
        ofVersions[version] = passOn(names.take(`${prefix}${pascal(version)}_${this.#suffix}`), ofKinds);
      if (group === '') Object.assign(fields, ofVersions);
      else fields[group] = passOn(names.take(`${prefix}_${this.#suffix}`), ofVersions);
    }
    return new GraphQLObjectType<unknown, Asking>({ name: this.#suffix, fields });
  }
}

const nowhere = {};

function passOn(name: string, fields: Fields): GraphQLFieldConfig<unknown, Asking> {
  return { type: new GraphQLObjectType<unknown, Asking>({ name, fields }), resolve: () => nowhere, extensions: leads };
}
