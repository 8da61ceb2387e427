import { GraphQLSchema, type GraphQLFieldConfig, type GraphQLFieldConfigMap, type GraphQLObjectType } from 'graphql';
import { answererOf, type ServedKind, type ServedVersion } from '#kube';
import type { Asking } from '../asking.ts';
import { kindTypes, type KindTypes } from './kind-types.ts';
import { portalFieldNames, portalFields } from '../portal/portal-fields.ts';
import { LeanObject } from './lean-types.ts';
import { leads } from './marks.ts';
import { workspaceEvents } from '../portal/workspace-events.ts';
import { mutationFields, rootMutationFields } from './mutation-fields.ts';
import { namesOf, pascal, Names, type ReservedNames, type VersionNames } from './names.ts';
import { eventTypeOf, subscriptionFields } from './subscription-fields.ts';
import { listType, queryFields, rootQueryFields } from './query-fields.ts';

type Fields = GraphQLFieldConfigMap<unknown, Asking>;

/** The types that one version of a kind brings into every schema that it stands in: made once for all of them. */
type Piece = {
  readonly types: KindTypes;
  readonly list: GraphQLObjectType<unknown, Asking>;
  readonly event: GraphQLObjectType<unknown, Asking>;
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
  const typeOf = new Map<VersionNames, GraphQLObjectType<unknown, unknown>>();
  const pieces = all.map((names) => {
    const piece = pieceOf(names);
    query.add(names, () => queryFields(names, piece.types, piece.list));
    mutation.add(names, () => mutationFields(names, piece.types));
    typeOf.set(names, piece.types.object);
    return piece;
  });
  // Types are made so that nothing is left to be found wrong; specs look at them.
  const schema = new GraphQLSchema({
    query: query.root({ ...rootQueryFields(all, typeOf), ...portalFields(all) }),
    mutation: mutation.root(rootMutationFields(all)),
    subscription: new LeanObject({ name: 'Subscription' }, { output: () => ({ ...followed(all, pieces), workspaceEvents }) }),
    assumeValid: true,
  });
  return { schema, pieces };
}

function followed(all: readonly VersionNames[], pieces: readonly Piece[]): Fields {
  const fields: Fields = {};
  for (const [index, names] of all.entries()) Object.assign(fields, subscriptionFields(names, pieces[index]!.event));
  return fields;
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
  return { types, list: listType(names, types.object), event: eventTypeOf(names, types) };
}

type MakeFields = () => Fields;

/** Fields by group and version: `core_platform_mesh_io { v1alpha1 { … } }`. The core group starts at its version. */
class Grouping {
  readonly #suffix: 'Query' | 'Mutation';
  readonly #groups = new Map<string, Map<string, MakeFields[]>>();

  constructor(suffix: 'Query' | 'Mutation') {
    this.#suffix = suffix;
  }

  add({ group = '', versionField }: VersionNames, ofKind: MakeFields): void {
    if (Object.keys(ofKind()).length === 0) return;
    let versions = this.#groups.get(group);
    if (versions === undefined) this.#groups.set(group, (versions = new Map()));
    const kinds = versions.get(versionField);
    if (kinds === undefined) versions.set(versionField, [ofKind]);
    else kinds.push(ofKind);
  }

  /** Kinds' types have words and digits only in their names, and these have an underscore: they never meet. */
  root(beside: Fields): GraphQLObjectType<unknown, Asking> {
    const fields: Fields = { ...beside };
    const names = new Names();
    for (const [group, versions] of this.#groups) {
      const prefix = pascal(group);
      const ofVersions: Fields = {};
      for (const [version, kinds] of versions)
        ofVersions[version] = passOn(
          names.take(`${prefix}${pascal(version)}_${this.#suffix}`),
          () => Object.assign({}, ...kinds.map((fieldsOf) => fieldsOf())) as Fields,
        );
      if (group === '') Object.assign(fields, ofVersions);
      else fields[group] = passOn(names.take(`${prefix}_${this.#suffix}`), () => ofVersions);
    }
    return new LeanObject({ name: this.#suffix }, { output: () => fields });
  }
}

const nowhere = {};
const toNowhere = () => nowhere;

function passOn(name: string, output: MakeFields): GraphQLFieldConfig<unknown, Asking> {
  return { type: new LeanObject({ name }, { output }), resolve: toNowhere, extensions: leads };
}
