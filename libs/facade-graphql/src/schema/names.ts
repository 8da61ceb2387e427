import type { ServedKind, ServedVersion } from '#kube';

/** How one version of a kind is called in the schema. docs/graphql.md tells the rules. */
export type VersionNames = {
  readonly kind: ServedKind;
  readonly version: ServedVersion;
  /** Of the field that the kind's group stands under; undefined for the core group, which starts at its version. */
  readonly group: string | undefined;
  readonly versionField: string;
  readonly fields: {
    readonly one: string;
    readonly many: string;
    readonly yaml: string;
    /** What follows `update` where it is the status that is updated. */
    readonly status: string;
    readonly eventsOfOne: string;
    readonly eventsOfMany: string;
  };
  readonly types: TypeNames;
};

export type TypeNames = { readonly object: string; readonly input: string; readonly list: string; readonly event: string };

/** The fields that stand at the root beside the groups. */
export type ReservedNames = {
  readonly query: readonly string[];
  readonly mutation: readonly string[];
  readonly subscription: readonly string[];
};

/**
 * Names everything that a workspace serves. The same kinds get the same names, in whatever order they come: who comes first in the alphabet
 * keeps a name, whoever else wants it gets underscores behind it.
 */
export function namesOf(served: readonly ServedKind[], reserved: ReservedNames): readonly VersionNames[] {
  const rows = served
    .flatMap((kind) => kind.versions.filter((version) => version.served).map((version) => ({ kind, version })))
    .sort((a, b) => compare(sortKey(a), sortKey(b)));
  const root = new Names([...reserved.query, ...reserved.mutation]);
  const groups = groupNames(rows, root);
  const types = new Names();
  const objects = rows.map(({ kind, version }) => types.take(`${pascal(`${groups.get(kind.group) ?? ''}_${version.name}`)}${kind.kind}`));
  const events = new Names(reserved.subscription);
  const fields = new Map<string, Names>();
  const fieldsOf = ({ kind, version }: Row): Names => {
    const place = `${kind.group}/${version.name}`;
    const known = fields.get(place) ?? new Names();
    fields.set(place, known);
    return known;
  };
  // Kinds go first everywhere: what is made from a kind's name gives way to another kind of that name.
  const ones = rows.map((row) => fieldsOf(row).take(row.kind.kind));
  return rows.map((row, index) => {
    const { kind, version } = row;
    const group = groups.get(kind.group);
    const object = objects[index] ?? '';
    const one = ones[index] ?? '';
    const many = fieldsOf(row).take(pluralOf(kind));
    const stem = [...(group === undefined ? [] : [group]), graphqlName(version.name)].join('_');
    const eventsOfMany = events.take(`${stem}_${many}`.toLowerCase());
    return {
      kind,
      version,
      group,
      versionField: graphqlName(version.name),
      fields: {
        one,
        many,
        yaml: fieldsOf(row).take(`${kind.kind}Yaml`),
        status: fieldsOf(row).take(`${kind.kind}Status`),
        eventsOfOne: events.take(`${stem}_${one}`.toLowerCase()),
        eventsOfMany,
      },
      types: {
        object,
        input: types.take(`${object}_Input`),
        list: types.take(`${object}List`),
        event: types.take(`${object}Event`),
      },
    };
  });
}

/** `core.platform-mesh.io/v1alpha1`; of the core group, `v1`. */
export const apiVersionOf = ({ kind: { group }, version }: Pick<VersionNames, 'kind' | 'version'>): string =>
  group === '' ? version.name : `${group}/${version.name}`;

type Row = Pick<VersionNames, 'kind' | 'version'>;

/** A name of the language: what may not stand in one becomes an underscore. Two of them in front are the language's own. */
export function graphqlName(text: string): string {
  const cleaned = text.replace(/[^_0-9A-Za-z]/g, '_');
  return /^[A-Za-z]|^_(?!_)/.test(cleaned) ? cleaned : `_${cleaned.replace(/^_+/, '')}`;
}

/** `core_platform_mesh_io_v1alpha1` → `CorePlatformMeshIoV1alpha1` */
export function pascal(text: string): string {
  return text
    .split('_')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
}

/** Names that are given once. */
export class Names {
  readonly #taken: Set<string>;

  constructor(taken: readonly string[] = []) {
    this.#taken = new Set(taken);
  }

  take(wanted: string): string {
    let name = wanted;
    while (this.#taken.has(name)) name += '_';
    this.#taken.add(name);
    return name;
  }
}

/** The resource's plural in the kind's letters: `NetworkPolicy`, `networkpolicies` → `NetworkPolicies`. Where that is the kind itself, its list. */
function pluralOf({ kind, resource }: ServedKind): string {
  const lower = kind.toLowerCase();
  let same = 0;
  while (same < resource.length && resource[same] === lower[same]) same += 1;
  const spelled = same === 0 ? resource.charAt(0).toUpperCase() + resource.slice(1) : kind.slice(0, same) + resource.slice(same);
  const plural = graphqlName(spelled);
  return plural === kind ? `${kind}List` : plural;
}

/** The core group has no field of its own: its versions stand at the root, and go first. */
function groupNames(rows: readonly Row[], root: Names): ReadonlyMap<string, string> {
  for (const version of new Set(rows.filter(({ kind }) => kind.group === '').map((row) => row.version.name)))
    root.take(graphqlName(version));
  const groups = [...new Set(rows.map(({ kind }) => kind.group))].filter((group) => group !== '');
  return new Map(groups.map((group) => [group, root.take(graphqlName(group))]));
}

const sortKey = ({ kind, version }: Row): string => [kind.group, version.name, kind.kind, kind.resource].join('\0');
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
