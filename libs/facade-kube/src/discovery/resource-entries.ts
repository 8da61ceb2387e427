import { createHash } from 'node:crypto';
import { byVersionPriority, scaleKind, type KubeVerb, type ServedKind, type ServedVersion } from '#kube';
import { reviewKinds } from '../answers/reviews.ts';
import { subresourceVerbs } from '../subresources.ts';

/** One served version of a kind as discovery lists it, whatever it comes from. Both forms of discovery are written from these. */
export type ResourceEntry = {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly singular: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  /** The verbs of each. */
  readonly subresources: ReadonlyMap<string, readonly string[]>;
  readonly storageVersionHash?: string;
};

export type GroupEntries = { readonly group: string; readonly versions: readonly VersionEntries[] };
export type VersionEntries = { readonly version: string; readonly resources: readonly ResourceEntry[] };

/** What an endpoint below an object takes and answers, where that is another kind than the object's. */
export function subresourceKind(
  subresource: string,
): { readonly group: string; readonly version: string; readonly kind: string } | undefined {
  if (subresource === 'token') return tokenRequestKind;
  return subresource === 'scale' ? scaleKind : undefined;
}

const tokenRequestKind = { group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest' };

/** All groups in order of priority, the core group first, each with its preferred version first. */
export function groupEntries(served: readonly ServedKind[]): readonly GroupEntries[] {
  const groups = new Map<string, Map<string, ResourceEntry[]>>();
  for (const entry of allEntries(served)) {
    const versions = groups.get(entry.group) ?? new Map<string, ResourceEntry[]>();
    const resources = versions.get(entry.version) ?? [];
    resources.push(entry);
    groups.set(entry.group, versions.set(entry.version, resources));
  }
  return Array.from(groups, ([group, versions]) => ({
    group,
    versions: Array.from(versions, ([version, resources]) => ({ version, resources })).sort((a, b) =>
      byVersionPriority(a.version, b.version),
    ),
  })).sort((a, b) => Number(b.group === '') - Number(a.group === ''));
}

function allEntries(served: readonly ServedKind[]): readonly ResourceEntry[] {
  const ofKinds = served.flatMap(entriesOf);
  const known = new Set(ofKinds.map(({ group, resource }) => `${group}/${resource}`));
  const ofReviews = reviewKinds
    .filter(({ group, resource }) => !known.has(`${group}/${resource}`))
    .map(({ group, version, resource, singular, kind, namespaced }) => ({
      group,
      version,
      resource,
      singular,
      kind,
      namespaced,
      verbs: ['create'],
      shortNames: [],
      categories: [],
      subresources: new Map(),
    }));
  return [...ofKinds, ...ofReviews];
}

const entriesByKind = new WeakMap<ServedKind, readonly ResourceEntry[]>();

/** Of many kinds only one has changed, as a rule. */
function entriesOf(kind: ServedKind): readonly ResourceEntry[] {
  let entries = entriesByKind.get(kind);
  if (entries === undefined) {
    entries = kind.versions.filter((version) => version.served).map((version) => entryOf(kind, version));
    entriesByKind.set(kind, entries);
  }
  return entries;
}

function entryOf(kind: ServedKind, version: ServedVersion): ResourceEntry {
  const { group, resource, singular, namespaced, shortNames, categories } = kind;
  return {
    group,
    version: version.name,
    resource,
    singular,
    kind: kind.kind,
    namespaced,
    verbs: (kind.compiledIn === true ? [...customVerbs].sort() : customVerbs).filter((verb) => kind.verbs.includes(verb)),
    shortNames,
    categories,
    subresources: subresourceVerbs(kind, version),
    storageVersionHash: storageVersionHash(kind),
  };
}

/** In the order that upstream lists them for custom resources; for its own kinds, it sorts them. */
const customVerbs: readonly KubeVerb[] = ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch'];

/** Clients compare it to learn that the storage has changed; upstream hashes the same words. */
function storageVersionHash({ group, storageVersion, kind }: ServedKind): string {
  return createHash('sha256').update(`${group}/${storageVersion}/${kind}`).digest().subarray(0, 8).toString('base64');
}
